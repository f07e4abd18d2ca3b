import { defineConfig, type UserConfig } from 'tsdown'

const config: UserConfig = defineConfig({
  entry: {
    index: 'src/index.ts',
    main: 'src/main.ts',
    reference: 'src/reference.ts',
    token: 'src/token/index.ts',
  },
  format: 'esm',
  platform: 'node',
  // Output .js files: package.json has `"type": "module"`.
  fixedExtension: false,
  // `isolatedDeclarations` in tsconfig.json selects the oxc generator.
  dts: true,
  sourcemap: true,
  publint: { level: 'suggestion' },
  attw: { profile: 'esm-only', level: 'error' },
})

export default config
