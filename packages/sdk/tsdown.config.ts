import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: { index: 'src/index.ts', 'testing/index': 'src/testing/index.ts' },
  format: 'esm',
  platform: 'neutral',
  dts: true,
  sourcemap: true,
  // Saves 200 bytes on each page, whatever its bundler does. Names, doc comments and lines stay.
  minify: { compress: { sequences: false, joinVars: false }, mangle: false, codegen: false },
  inputOptions: {
    optimization: { inlineConst: { mode: 'all' } },
    // Code shared with the lazy chunk stays in the entry, which saves a request.
    preserveEntrySignatures: 'allow-extension',
  },
  publint: { level: 'suggestion' },
  attw: { profile: 'esm-only', level: 'error' },
})
