import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: { index: 'src/index.ts', 'testing/index': 'src/testing/index.ts' },
  format: 'esm',
  platform: 'neutral',
  dts: true,
  sourcemap: true,
  // What the entry shares with the chunk that it loads later stays in the entry: one request less.
  inputOptions: { preserveEntrySignatures: 'allow-extension' },
  publint: { level: 'suggestion' },
  attw: { profile: 'esm-only', level: 'error' },
})
