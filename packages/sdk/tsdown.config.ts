import { defineConfig, type Rolldown } from 'tsdown'
import { shortenNames } from './short-names.ts'

/**
 * Code that lazy chunks share with the main one stays in it, which saves a request and 500 bytes.
 * The main chunk exports that code too, so the entries of the package are files that do not.
 */
const entriesWithoutInternals: Rolldown.Plugin = {
  name: 'entries-without-internals',
  generateBundle(_, bundle) {
    const diagnose = Object.values(bundle).find(
      (output) => output.type === 'chunk' && output.facadeModuleId?.endsWith('/diagnose/index.ts'),
    )
    const entries = {
      'index.js': `export { joinRoom, SkeinError } from './main.js'\n`,
      'diagnose.js': `export { check, diagnose, sentences } from './${diagnose?.fileName}'\n`,
    }
    for (const [fileName, source] of Object.entries(entries)) {
      this.emitFile({ type: 'asset', fileName, source })
    }
  },
}

/**
 * What `joinRoom` loads while it connects, as one chunk: some of it is shared with code that loads
 * later, and would be a request of its own.
 */
const room =
  /src\/(room\/(room|links|roster)|channel\/(?!send-to-host)|transport\/(?!unreliable)|link\/(?!stats)|core\/(queue|host-term))/

const shared = { format: 'esm', platform: 'neutral' } as const

export default defineConfig([
  {
    ...shared,
    entry: { main: 'src/bundle.ts', 'testing/index': 'src/testing/index.ts' },
    dts: false,
    sourcemap: true,
    // Saves 200 bytes on each page, whatever its bundler does. Doc comments and lines stay, and all
    // names but those of `shortenNames`.
    minify: { compress: { sequences: false, joinVars: false }, mangle: false, codegen: false },
    outputOptions: {
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [{ name: 'room', test: room }],
      },
    },
    plugins: [shortenNames, entriesWithoutInternals],
    inputOptions: {
      // It keeps the source maps right in `shortenNames`.
      experimental: { nativeMagicString: true },
      optimization: { inlineConst: { mode: 'all' } },
      preserveEntrySignatures: 'allow-extension',
    },
  },
  {
    ...shared,
    entry: {
      main: 'src/index.ts',
      diagnose: 'src/diagnose/index.ts',
      'testing/index': 'src/testing/index.ts',
    },
    dts: { emitDtsOnly: true },
    // `Room` is an AsyncDisposable, whatever `lib` the project that installs this has.
    banner: { dts: '/// <reference lib="esnext.disposable" />' },
    clean: false,
    publint: { level: 'suggestion' },
    attw: { profile: 'esm-only', level: 'error' },
  },
])
