import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, defaultClientConditions } from 'vite'
import { type Network, servers } from '../network/network.ts'
import { untilListening } from './signal-servers.ts'

const pagePort = 8080
const page = fileURLToPath(new URL('../../page/', import.meta.url))
const entry = fileURLToPath(new URL('serve-directory.ts', import.meta.url))

/** Bundles the page with the SDK's sources into a directory of this run. */
export async function bundlePage(directory: string): Promise<string> {
  const built = await build({
    root: page,
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@skein/source', ...defaultClientConditions] },
    build: {
      write: false,
      target: 'es2023',
      modulePreload: false,
      minify: false,
      rolldownOptions: { input: [join(page, 'index.html'), join(page, 'elsewhere.html')] },
    },
  })
  const outputs = Array.isArray(built) ? built : 'output' in built ? [built] : []
  for (const file of outputs.flatMap(({ output }) => output)) {
    const path = join(directory, 'page', file.fileName)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, file.type === 'chunk' ? file.code : file.source)
  }
  return join(directory, 'page')
}

/** Serves it in a process of its own: it stays when the signaling server is killed. */
export async function servePage(network: Network, directory: string): Promise<string> {
  network.namespaces.spawn(servers, [process.execPath, entry, directory, String(pagePort)])
  await untilListening(network, [pagePort])
  return `http://${network.serverAddress}:${pagePort}/`
}
