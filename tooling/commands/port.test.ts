import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { portTrouble } from './port.ts'

afterEach(() => vi.unstubAllEnvs())

const wanted = { setting: 'PORT', usual: 8787 }

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it does not listen')
  return { server, port: address.port }
}

test('a port that is taken is told in one sentence, with the setting that moves it', async () => {
  const { server, port } = await listening()
  vi.stubEnv('PORT', String(port))
  expect(await portTrouble(wanted)).toBe(
    `Port ${port} is taken: end what listens on it, or set PORT to another port.`,
  )
  await new Promise((resolve) => server.close(resolve))
  expect(await portTrouble(wanted)).toBeNull()
})

test('without a setting the usual port is asked', async () => {
  const { server, port } = await listening()
  vi.stubEnv('PORT', '')
  expect(await portTrouble({ setting: 'PORT', usual: port })).toContain(`Port ${port} is taken`)
  await new Promise((resolve) => server.close(resolve))
})

test.for(['http', '-1', '0', '65536', '80.5'])('%s is no port', async (text) => {
  vi.stubEnv('PORT', text)
  expect(await portTrouble(wanted)).toBe(
    `PORT must be a port, a whole number from 1 to 65535: it is "${text}".`,
  )
})
