import { defaultLimits, encode, type ServerMessage, type UpdateMessage } from '@skein/protocol'
import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { type ClientSetup, startClient, welcome } from './signaling.testing.ts'

const updatesIn = ({ requests }: ClientSetup): readonly UpdateMessage[] =>
  requests.filter((message) => message.type === 'update')

const move = ({ client }: ClientSetup, x: number): void => client.update({ presence: { x } })

const updateError = (
  code: 'rate-limited' | 'overloaded' | 'too-large',
  retryAfterMs: number | null,
): ServerMessage => ({
  type: 'error',
  code,
  message: 'no',
  retryable: code !== 'too-large',
  retryAfterMs,
  about: 'update',
})

const joined = async (): Promise<ClientSetup> => {
  const setup = startClient()
  await setup.clock.advance(100)
  return setup
}

test('sixty updates in six seconds stay within the limits of the server, and the last one arrives', async () => {
  const setup = await joined()
  const sentAt: number[] = []
  for (let x = 0; x < 60; x += 1) {
    move(setup, x)
    await setup.clock.advance(100)
    if (updatesIn(setup).length > sentAt.length) sentAt.push(setup.clock.now())
  }
  await setup.clock.advance(2_000)
  const { updatesPerSecond, updatesBurst } = defaultLimits
  expect(updatesIn(setup).length).toBeLessThanOrEqual(updatesBurst + 8 * updatesPerSecond)
  expect(updatesIn(setup).at(-1)?.presence).toEqual({ x: 59 })
})

test('a single update is sent at once', async () => {
  const setup = await joined()
  move(setup, 1)
  await setup.clock.advance(10)
  expect(updatesIn(setup).map(({ presence }) => presence)).toEqual([{ x: 1 }])
})

test.each([2_000, null])(
  'an update that the server refused is sent again after %s ms, and is no error of the application',
  async (retryAfterMs) => {
    const setup = await joined()
    move(setup, 1)
    await setup.clock.advance(100)
    setup.send(updateError(retryAfterMs ? 'rate-limited' : 'overloaded', retryAfterMs))
    await setup.clock.advance(900)
    expect(updatesIn(setup).length).toBe(1)
    await setup.clock.advance(1_500)
    expect(updatesIn(setup).map(({ presence }) => presence)).toEqual([{ x: 1 }, { x: 1 }])
    expect(setup.received).toEqual([])
  },
)

test('an update that can never succeed is reported and not repeated', async () => {
  const setup = await joined()
  move(setup, 1)
  await setup.clock.advance(100)
  setup.send(updateError('too-large', null))
  await setup.clock.advance(10_000)
  expect(updatesIn(setup).length).toBe(1)
  expect(setup.received).toMatchObject([{ code: 'too-large' }])
})

test('after a welcome that lacks the latest update, the client sends it again, once', async () => {
  const setup = await joined()
  move(setup, 1)
  await setup.clock.advance(100)
  const { self } = welcome()
  setup.send(welcome({ self, resumed: true, revision: 5 }))
  await setup.clock.advance(100)
  setup.send(welcome({ self: { ...self, presence: { x: 1 } }, resumed: true, revision: 6 }))
  await setup.clock.advance(5_000)
  expect(updatesIn(setup).map(({ presence }) => presence)).toEqual([{ x: 1 }, { x: 1 }])
})

test('after a welcome that has everything, nothing is sent', async () => {
  const setup = await joined()
  const presence = { name: 'Ann', mood: undefined }
  setup.client.update({ presence })
  await setup.clock.advance(50)
  // What the application does with its own object later is not an update.
  presence.name = 'Eve'
  setup.onJoin = (join, socket) =>
    socket.send(
      encode(
        welcome({
          self: { ...welcome().self, presence: join.presence },
          resumed: true,
          revision: 7,
        }),
      ),
    )
  setup.server.sockets[0]?.close(1006)
  await setup.clock.advance(5_000)
  expect(setup.joins.at(-1)?.presence).toEqual({ name: 'Ann' })
  expect(updatesIn(setup).length).toBe(1)
})

test('of many updates made offline, only the newest is sent, with the join', async () => {
  const setup = await joined()
  setup.onJoin = (join, socket) =>
    socket.send(
      encode(welcome({ self: { ...welcome().self, presence: join.presence }, resumed: true })),
    )
  setup.server.sockets[0]?.close(1006)
  await setup.clock.advance(20)
  for (let x = 0; x < 40; x += 1) move(setup, x)
  await setup.clock.advance(5_000)
  expect(setup.joins.at(-1)?.presence).toEqual({ x: 39 })
  expect(updatesIn(setup)).toEqual([])
})

test('a server that names no limits of updates gets them slowly', async () => {
  const setup = startClient()
  const { updatesPerSecond: _, updatesBurst: __, ...older } = defaultLimits
  setup.onJoin = (_join, socket) => socket.send(JSON.stringify({ ...welcome(), limits: older }))
  await setup.clock.advance(100)
  for (let x = 0; x < 40; x += 1) move(setup, x)
  await setup.clock.advance(5_000)
  expect(updatesIn(setup).length).toBeLessThanOrEqual(20)
  expect(updatesIn(setup).at(-1)?.presence).toEqual({ x: 39 })
})

test('with updates, refusals, cuts and resyncs at random, the server ends up with the newest value', async () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const setup = startClient({}, seed)
    const { clock, server, client } = setup
    const random = seededRandom(seed)
    let known: unknown = null
    let last = 0
    const self = () => ({ ...welcome().self, presence: known as { x: number } | null })
    setup.onJoin = ({ presence }, socket) => {
      known = presence
      socket.send(encode(welcome({ self: self(), resumed: true })))
      const receive = socket.onmessage
      socket.onmessage = (text) => {
        const message = JSON.parse(text)
        if (message.type !== 'update') receive?.(text)
        else if (random() < 0.3) socket.send(encode(updateError('rate-limited', 500)))
        else known = message.presence
      }
    }
    await clock.advance(100)
    for (let step = 0; step < 20; step += 1) {
      last += 1
      client.update({ presence: { x: last } })
      await clock.advance(random() * 400)
      const chance = random()
      if (chance < 0.1) server.sockets[0]?.close(1006)
      else if (chance < 0.2) {
        known = null
        server.sockets[0]?.send(encode(welcome({ self: self(), resumed: true })))
      }
    }
    await clock.advance(60_000)
    expect(known, `seed ${seed}`).toEqual({ x: last })
    client.close({ leave: true })
  }
  console.log('updates: seeds 1 to 200')
})
