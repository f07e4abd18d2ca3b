import { fileURLToPath } from 'node:url'
import { createServer, defaultClientConditions } from 'vite'

const server = await createServer({
  root: fileURLToPath(new URL('.', import.meta.url)),
  configFile: false,
  logLevel: 'error',
  appType: 'mpa',
  resolve: { conditions: ['@skein/source', ...defaultClientConditions] },
  server: { port: Number(process.argv[2]), strictPort: true, host: 'localhost', hmr: false },
})
await server.listen()
