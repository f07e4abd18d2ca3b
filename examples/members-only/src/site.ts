import { getRequestListener } from '@hono/node-server'
import { createServer, type ViteDevServer } from 'vite'
import { type AuthAppOptions, createAuthApp } from './auth-app.ts'

/** Serves the page, and under `/auth` the application that issues its tokens. */
export const startSite = async ({
  port,
  ...options
}: AuthAppOptions & { readonly port: number }): Promise<ViteDevServer> => {
  const site = await createServer({
    root: new URL('..', import.meta.url).pathname,
    configFile: false,
    resolve: { conditions: ['@skein/source', 'module', 'browser', 'development|production'] },
    server: { port, host: 'localhost' },
    plugins: [
      {
        name: 'auth',
        configureServer: ({ middlewares }) => {
          middlewares.use('/auth', getRequestListener(createAuthApp(options).fetch))
        },
      },
    ],
    logLevel: 'warn',
  })
  return site.listen()
}
