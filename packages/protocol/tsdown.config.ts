import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: ['src/index.ts', 'src/room/index.ts', 'src/election/elect.ts', 'src/testing/index.ts'],
  format: 'esm',
  platform: 'neutral',
  // isolatedDeclarations in tsconfig.json selects the oxc generator.
  dts: true,
  sourcemap: true,
  publint: { level: 'suggestion' },
  attw: { profile: 'esm-only', level: 'error' },
})
