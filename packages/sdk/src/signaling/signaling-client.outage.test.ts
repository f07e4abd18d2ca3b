import { expect, test } from 'vitest'
import { startClient } from './signaling.testing.ts'

/** A client whose server goes away, and how often it tries to connect from then. */
const loseServer = async () => {
  const { clock, server } = startClient()
  const attempts: number[] = []
  class CountingSocket extends server.port() {
    constructor(url: string | URL, protocol?: string | string[]) {
      super(url, protocol)
      attempts.push(clock.now())
    }
  }
  const { client } = startClient({ WebSocket: CountingSocket, clock })
  await clock.advance(100)
  server.isUp = false
  for (const socket of [...server.sockets]) socket.close(1006)
  const attemptsIn = async (ms: number) => {
    attempts.length = 0
    await clock.advance(ms)
    return attempts.length
  }
  return { clock, server, client, attemptsIn }
}

test('a server that stays away gets an attempt every 15 s on average', async () => {
  const { attemptsIn } = await loseServer()
  expect(await attemptsIn(60_000)).toBeGreaterThan(30)
  await attemptsIn(30_000)
  expect(await attemptsIn(600_000)).toBeLessThan(60)
})

test('a client that is told by a peer that the server is back tries again at once', async () => {
  const { clock, server, client } = await loseServer()
  await clock.advance(200_000)
  server.isUp = true
  client.serverIsBack()
  await clock.advance(600)
  expect(client.isOnline).toBe(true)
})

test('a peer that says so again and again, wrongly, causes a few attempts a second at most', async () => {
  const { clock, client, attemptsIn } = await loseServer()
  await clock.advance(200_000)
  const flood = () => {
    client.serverIsBack()
    clock.after(1, flood)
  }
  flood()
  expect(await attemptsIn(10_000)).toBeLessThan(60)
})

test('a client that is online or suspended does not listen to such a peer', async () => {
  const { client, attemptsIn, server, clock } = await loseServer()
  client.suspend({ type: 'away', reload: false })
  client.serverIsBack()
  expect(await attemptsIn(60_000)).toBe(0)
  server.isUp = true
  client.probe()
  await clock.advance(100)
  client.serverIsBack()
  expect([client.isOnline, await attemptsIn(10_000)]).toEqual([true, 0])
})

test('a client that is suspended stays away, whatever its links and the network say', async () => {
  const { clock, client, server, joins } = startClient({
    isBroken: () => true,
    knock: async () => true,
  })
  await clock.advance(100)
  client.suspend({ type: 'away', reload: false })
  client.check()
  client.renew()
  client.serverIsBack()
  await clock.advance(60_000)
  expect([joins.length, server.sockets]).toEqual([1, []])
  client.probe()
  await clock.advance(100)
  expect([joins.length, client.isOnline]).toEqual([2, true])
})
