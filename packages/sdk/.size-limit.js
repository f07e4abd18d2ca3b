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

/** Splits code as a bundler does, and counts only the initial load or only the rest. */
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
            const atOnce = loadedAtOnce(metafile.outputs)
            for (const path of Object.keys(metafile.outputs)) {
              if (atOnce.has(path) !== (when === 'at once')) delete metafile.outputs[path]
            }
          }),
      },
    ],
  }),
})

export default [
  { name: 'a page that joins and chats', ...counting('at once'), limit: '14.4 KiB' },
  { name: 'what it loads after the welcome', ...counting('later'), limit: '3 KiB' },
]
