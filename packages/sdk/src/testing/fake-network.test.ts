import { expect, test } from 'vitest'
import { FakeNetwork } from './fake-network.ts'
import { virtualClock } from './virtual-clock.ts'

/** Two connections that exchange descriptions and candidates. */
const start = async () => {
  const clock = virtualClock()
  const network = new FakeNetwork({ clock })
  const [A, B] = [network.port('a'), network.port('b')]
  const [a, b] = [new A(), new B()]
  a.onicecandidate = ({ candidate }) => candidate && void b.addIceCandidate(candidate.toJSON())
  const channel = a.createDataChannel('x', { negotiated: true, id: 0 })
  const remote = b.createDataChannel('x', { negotiated: true, id: 0 })
  const exchange = async () => {
    await a.setLocalDescription()
    await b.setRemoteDescription(a.localDescription ?? { type: 'offer' })
    await b.setLocalDescription()
    await a.setRemoteDescription(b.localDescription ?? { type: 'answer' })
  }
  const exchanged = exchange()
  await clock.advance(1_000)
  await exchanged
  return { clock, network, a, b, channel, remote }
}

test('two connections with each other’s descriptions and a candidate open their channels', async () => {
  const { clock, a, b, channel, remote } = await start()
  expect([a.connectionState, b.connectionState]).toEqual(['connected', 'connected'])
  const received: unknown[] = []
  remote.onmessage = ({ data }) => received.push(data)
  channel.send('hello')
  await clock.advance(100)
  expect(received).toEqual(['hello'])
})

test('on a cut path: disconnected after 6.5 s, failed 10 s later, channels stay open', async () => {
  const { clock, network, a, channel } = await start()
  const states: string[] = []
  a.onconnectionstatechange = () => states.push(`${clock.now()} ${a.connectionState}`)
  network.cut('a', 'b')
  await clock.advance(30_000)
  expect(states).toEqual(['7500 disconnected', '17500 failed'])
  expect(channel.readyState).toBe('open')
})

test('data sent on a cut path arrives once it is restored', async () => {
  const { clock, network, channel, remote } = await start()
  const received: unknown[] = []
  remote.onmessage = ({ data }) => received.push(data)
  network.cut('a', 'b')
  for (const word of ['one', 'two']) channel.send(word)
  await clock.advance(3_000)
  expect([received, channel.bufferedAmount]).toEqual([[], 6])
  network.restore('a', 'b')
  await clock.advance(100)
  expect([received, channel.bufferedAmount]).toEqual([['one', 'two'], 0])
})

test('an offer in have-local-offer rolls back the local offer', async () => {
  const { clock, a, b } = await start()
  a.restartIce()
  b.restartIce()
  await clock.advance(50)
  const offers = Promise.all([a.setLocalDescription(), b.setLocalDescription()])
  await clock.advance(100)
  await offers
  expect([a.signalingState, b.signalingState]).toEqual(['have-local-offer', 'have-local-offer'])
  const set = a.setRemoteDescription(b.localDescription ?? { type: 'offer' })
  await clock.advance(100)
  await set
  expect(a.signalingState).toBe('have-remote-offer')
})

test('it has the limits of browsers: 256 KiB per message, 16 MiB in the queue', async () => {
  const { channel } = await start()
  expect(() => channel.send(new Uint8Array(256 * 1024 + 1))).toThrow(TypeError)
  const part = new Uint8Array(256 * 1024)
  expect(() => {
    for (let count = 0; count < 65; count += 1) channel.send(part)
  }).toThrow(expect.objectContaining({ name: 'OperationError' }))
  expect(channel.readyState).toBe('open')
})
