import { getRequestListener } from '@hono/node-server'
import { createServer, type ViteDevServer } from 'vite'
import { createDoor, type DoorOptions } from './door.ts'

/** Serves the page, and under `/door` the application that issues its tokens. */
export const startSite = async ({
  port,
  ...door
}: DoorOptions & { readonly port: number }): Promise<ViteDevServer> => {
  const site = await createServer({
    root: new URL('..', import.meta.url).pathname,
    configFile: false,
    resolve: { conditions: ['@skein/source', 'module', 'browser', 'development|production'] },
    server: { port, host: 'localhost' },
    plugins: [
      {
        name: 'door',
        configureServer: ({ middlewares }) => {
          middlewares.use('/door', getRequestListener(createDoor(door).fetch))
        },
      },
    ],
    logLevel: 'warn',
  })
  return site.listen()
}
