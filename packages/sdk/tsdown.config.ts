import { defineConfig, type Rolldown } from 'tsdown'
import { shortenNames } from './short-names.ts'

/**
 * Code that lazy chunks share with the main one stays in it, which saves a request and 500 bytes.
 * The main chunk exports that code too, so the entry of the package is a file that does not.
 */
const entryWithoutInternals: Rolldown.Plugin = {
  name: 'entry-without-internals',
  generateBundle() {
    const source = "export { joinRoom, SkeinError } from './main.js'\n"
    this.emitFile({ type: 'asset', fileName: 'index.js', source })
  },
}

export default defineConfig({
  entry: { main: 'src/index.ts', 'testing/index': 'src/testing/index.ts' },
  format: 'esm',
  platform: 'neutral',
  dts: true,
  // `Room` is an AsyncDisposable, whatever `lib` the project that installs this has.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
  sourcemap: true,
  // Saves 200 bytes on each page, whatever its bundler does. Doc comments and lines stay, and all
  // names but those of `shortenNames`.
  minify: { compress: { sequences: false, joinVars: false }, mangle: false, codegen: false },
  plugins: [shortenNames, entryWithoutInternals],
  inputOptions: {
    // It keeps the source maps right in `shortenNames`.
    experimental: { nativeMagicString: true },
    optimization: { inlineConst: { mode: 'all' } },
    preserveEntrySignatures: 'allow-extension',
  },
  publint: { level: 'suggestion' },
  attw: { profile: 'esm-only', level: 'error' },
})
