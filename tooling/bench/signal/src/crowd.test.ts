import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { type RawData, WebSocketServer } from 'ws'
import { Crowd } from './crowd.ts'
import { bareDialect } from './dialect.ts'
import { type Generator, startGenerator, whyNoGenerator } from './generator.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** A relay that loses one message in `losesOneIn`. */
const startRelay = async (losesOneIn: number): Promise<number> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  open.push(() => server.close())
  let ids = 0
  let relayed = 0
  const receivers = new Map<string, (data: RawData) => void>()
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { type, to } = JSON.parse(String(data))
      if (type === 'join') {
        ids += 1
        receivers.set(`id ${ids}`, (signal) => socket.send(signal, { binary: false }))
        socket.send(`{"type":"welcome","self":{"id":"id ${ids}"}}`)
      } else if (++relayed % losesOneIn !== 0) receivers.get(to)?.(data)
    })
  })
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const start = async (): Promise<Generator> => {
  const generator = await startGenerator(null)
  open.push(generator.close)
  return generator
}

const openPairs = async (port: number, count: number): Promise<Crowd> => {
  const options = { dialect: bareDialect, ports: [port], roomSize: 2, capacity: count }
  const crowd = await Crowd.create(await start(), options)
  await crowd.openAll({ count, atOnce: 3 })
  await crowd.pair()
  return crowd
}

const window = { windowMs: 200, pids: [process.pid] }

// Without a compiler there is no generator: the bench itself reports that.
if (whyNoGenerator() === null) {
  test('signals that the generator sends arrive, are counted and timed', async () => {
    const crowd = await openPairs(await startRelay(Number.POSITIVE_INFINITY), 8)
    const flooded = await crowd.flood({ ...window, inFlight: 2, warmMs: 0 })
    expect(flooded.perSecond).toBeGreaterThan(0)
    expect(flooded.serverCpu).toBeGreaterThan(0)
    const timed = await crowd.steady({ ...window, perSecond: 100 })
    expect(timed.arrived).toBe(timed.sent)
    expect(timed.sent).toBeGreaterThan(0)
    expect(timed.p50).toBeGreaterThan(0)
    expect(timed.p99).toBeGreaterThanOrEqual(timed.p50)
    await crowd.close()
  })

  // It waits a while for signals in flight.
  test('a lost signal gives no figure', async () => {
    const crowd = await openPairs(await startRelay(7), 8)
    await expect(crowd.steady({ ...window, perSecond: 100 })).rejects.toThrow('did not arrive')
  })

  test('rejected clients are reported', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', verifyClient: () => false })
    open.push(() => server.close())
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await expect(openPairs(port, 4)).rejects.toThrow('0 of 4 clients joined')
  })
}
