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
  // .js, as package.json says: the package is of type module.
  fixedExtension: false,
  // isolatedDeclarations in tsconfig.json selects the oxc generator.
  dts: true,
  sourcemap: true,
  publint: { level: 'suggestion' },
  attw: { profile: 'esm-only', level: 'error' },
})

export default config
