/** The outputs that one imports statically, directly or indirectly, and itself. */
const loadedWith = (outputs, start) => {
  const found = new Set([start])
  for (const path of found) {
    for (const { kind, path: imported } of outputs[path].imports) {
      if (kind === 'import-statement') found.add(imported)
    }
  }
  return found
}

/** In the order in which a page loads them: what is loaded then, and its entry. */
const moments = [
  ['at once', '/index.js'],
  ['to join', '/room-'],
  ['later', '/lazy-features-'],
  ['to rejoin', '/rejoin-'],
  ['to log', '/log-'],
  ['to log', '/tell-event-'],
]

/** When an output is loaded. esbuild makes a chunk of what nothing imports: that is never loaded. */
const whenLoaded = (outputs, path) => {
  for (const [moment, entry] of moments) {
    const start = Object.keys(outputs).find((each) => outputs[each].entryPoint?.includes(entry))
    if (start && loadedWith(outputs, start).has(path)) return moment
  }
  return 'never'
}

/** Splits code as a bundler does, and counts only what is loaded then. */
const counting = (...counted) => ({
  path: 'dist/index.js',
  import: '{ joinRoom }',
  modifyEsbuildConfig: (config) => ({
    ...config,
    format: 'esm',
    splitting: true,
    plugins: [
      {
        name: counted.join(),
        setup: ({ onEnd }) =>
          onEnd(({ metafile }) => {
            const paths = Object.keys(metafile.outputs)
            const others = paths.filter(
              (path) => !counted.includes(whenLoaded(metafile.outputs, path)),
            )
            for (const path of others) delete metafile.outputs[path]
          }),
      },
    ],
  }),
})

export default [
  { name: 'a page that joins and chats', ...counting('at once', 'to join'), limit: '20.9 KiB' },
  { name: 'what of it comes before it joins', ...counting('at once'), limit: '5.3 KiB' },
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
