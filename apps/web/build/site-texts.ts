import { readFile } from 'node:fs/promises'
import type { Plugin } from 'vite'

/** The texts that the footer links to, from the root of the repository. */
const texts = { 'licence.txt': 'LICENSE', 'errors.txt': 'docs/errors.md' } as const

const read = (file: string): Promise<string> =>
  readFile(new URL(`../../../${file}`, import.meta.url), 'utf8')

/** Puts the licence and the list of errors beside the site: they are there wherever it is hosted. */
export function siteTexts(): Plugin {
  return {
    name: 'skein:site-texts',
    configureServer: ({ middlewares }) => {
      for (const [name, file] of Object.entries(texts)) {
        middlewares.use(`/${name}`, (_, response, next) => {
          response.setHeader('Content-Type', 'text/plain; charset=utf-8')
          read(file).then((text) => response.end(text), next)
        })
      }
    },
    async generateBundle() {
      for (const [fileName, file] of Object.entries(texts)) {
        this.emitFile({ type: 'asset', fileName, source: await read(file) })
      }
    },
  }
}
