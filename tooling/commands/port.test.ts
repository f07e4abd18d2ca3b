import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { portProblem } from './port.ts'

afterEach(() => vi.unstubAllEnvs())

const setting = { setting: 'PORT', fallback: 8787 }

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen')
  return { server, port: address.port }
}

test('a port in use is reported in one line that names the setting', async () => {
  const { server, port } = await listening()
  vi.stubEnv('PORT', String(port))
  expect(await portProblem(setting)).toBe(
    `Port ${port} is in use: stop the program that uses it, or set PORT to another port.`,
  )
  await new Promise((resolve) => server.close(resolve))
  expect(await portProblem(setting)).toBeNull()
})

test('without the setting the default port is checked', async () => {
  const { server, port } = await listening()
  vi.stubEnv('PORT', '')
  expect(await portProblem({ setting: 'PORT', fallback: port })).toContain(`Port ${port} is in use`)
  await new Promise((resolve) => server.close(resolve))
})

test.for(['http', '-1', '0', '65536', '80.5'])('%s is not a valid port', async (text) => {
  vi.stubEnv('PORT', text)
  expect(await portProblem(setting)).toBe(
    `PORT must be an integer from 1 to 65535, but is "${text}".`,
  )
})
