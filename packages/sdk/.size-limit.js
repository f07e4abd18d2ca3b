/** The outputs that the entry imports statically, directly or indirectly. */
const loadedAtOnce = (outputs) => {
  const [entry] = Object.keys(outputs).filter((path) => path.endsWith('/index.js'))
  const found = new Set([entry])
  for (const path of found) {
    for (const { kind, path: imported } of outputs[path].imports) {
      if (kind === 'import-statement') found.add(imported)
    }
  }
  return found
}

/** When an output is loaded. */
const whenLoaded = (outputs, path) => {
  if (loadedAtOnce(outputs).has(path)) return 'at once'
  const { entryPoint = '' } = outputs[path]
  if (entryPoint.includes('/rejoin-')) return 'to rejoin'
  // esbuild makes a chunk of what nothing imports.
  if (entryPoint.includes('/diagnose-')) return 'never'
  return /\/(log|tell-event)-/.test(entryPoint) ? 'to log' : 'later'
}

/** Splits code as a bundler does, and counts only what is loaded then. */
const counting = (when) => ({
  path: 'dist/index.js',
  import: '{ joinRoom }',
  modifyEsbuildConfig: (config) => ({
    ...config,
    format: 'esm',
    splitting: true,
    plugins: [
      {
        name: when,
        setup: ({ onEnd }) =>
          onEnd(({ metafile }) => {
            const paths = Object.keys(metafile.outputs)
            const others = paths.filter((path) => whenLoaded(metafile.outputs, path) !== when)
            for (const path of others) delete metafile.outputs[path]
          }),
      },
    ],
  }),
})

export default [
  { name: 'a page that joins and chats', ...counting('at once'), limit: '19.6 KiB' },
  { name: 'what it loads after the welcome', ...counting('later'), limit: '9.9 KiB' },
  {
    name: 'what `@skein/sdk/diagnose` adds',
    path: 'dist/diagnose.js',
    import: '{ diagnose, check }',
    modifyEsbuildConfig: (config) => ({ ...config, external: ['./main.js', './lazy-features-*'] }),
    limit: '7 KiB',
  },
  { name: 'what `log` loads before the join', ...counting('to log'), limit: '1.2 KiB' },
  { name: 'what `rejoin` loads before the join', ...counting('to rejoin'), limit: '0.8 KiB' },
]
