import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Plugin } from 'vite'

/** Names the signaling server in `config.json`: `VITE_SIGNAL_URL`, if it is set for the build. */
export function siteConfig(signal: string | undefined): Plugin {
  let directory = ''
  return {
    name: 'skein:site-config',
    apply: 'build',
    configResolved: (config) => {
      directory = resolve(config.root, config.build.outDir)
    },
    writeBundle: async () => {
      if (!signal) return
      await writeFile(join(directory, 'config.json'), `${JSON.stringify({ signal }, null, 2)}\n`)
    },
  }
}
