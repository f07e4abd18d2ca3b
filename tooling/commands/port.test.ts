import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { portFrom, portTrouble } from './port.ts'

afterEach(() => vi.unstubAllEnvs())

async function listening(host: string): Promise<Server> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  return server
}

const portOf = (server: Server): number => {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('it does not listen')
  return address.port
}

test('a port that is taken is told in one sentence, with the setting that moves it', async () => {
  const server = await listening('127.0.0.1')
  const port = portOf(server)
  expect(await portTrouble(port, 'PORT')).toBe(
    `Port ${port} is taken: end what listens on it, or set PORT to another port.`,
  )
  await new Promise((resolve) => server.close(resolve))
  expect(await portTrouble(port, 'PORT')).toBeNull()
})

test('a port comes from the environment, or is the usual one', () => {
  vi.stubEnv('PORT', '')
  expect(portFrom('PORT', 8787)).toBe(8787)
  vi.stubEnv('PORT', '9000')
  expect(portFrom('PORT', 8787)).toBe(9000)
})

test.for(['http', '-1', '65536', '80.5'])('%s is no port', (text) => {
  vi.stubEnv('PORT', text)
  expect(portFrom('PORT', 8787)).toBeNull()
})
