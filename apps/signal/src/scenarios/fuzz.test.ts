import { readdirSync } from 'node:fs'
import { peerId } from '@skein/protocol'
import { randomBelow, seededRandom } from '@skein/protocol/testing'
import { expect, test } from 'vitest'
import { fuzzRooms } from '../testing/fuzz-messages.ts'
import { type FuzzRun, HostileClient } from '../testing/hostile-client.ts'
import { type ServerProcess, startServerProcess } from '../testing/server-process.ts'
import { TestClient } from '../testing/test-client.ts'
import { audience, key, tokenFor } from '../testing/token-auth.ts'

const isLong = process.env.SKEIN_LONG === '1'
const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 2 ** 31)
const runs = [
  { auth: 'open', frames: isLong ? 200_000 : 4_000, extra: {} },
  {
    auth: 'token',
    frames: isLong ? 100_000 : 4_000,
    extra: { SKEIN_AUTH: 'token', SKEIN_JWT_KEY: key, SKEIN_JWT_AUDIENCE: audience },
  },
]
const timeout = isLong ? 1_200_000 : 60_000

test.each(runs)(
  'with auth $auth, $frames frames of hostile clients affect neither the server nor other clients',
  {
    timeout,
  },
  async ({ auth, frames, extra }) => {
    console.info(`fuzz, auth ${auth}: seed ${seed} (again with SKEIN_SEED=${seed})`)
    const server = await startServerProcess({ ...settings, ...extra })
    const [ann, ben] = [await bystander(server), await bystander(server)]
    const filesBefore = openFiles(server)
    const run: FuzzRun = {
      port: server.port,
      random: seededRandom(seed),
      ids: [ann.id, ben.id],
      tokens: [ann, ben].flatMap(({ resume }) => [
        `${resume}x`,
        resume.slice(1),
        resume.slice(0, -1),
      ]),
      joinTokens: auth === 'token' ? await mintJoinTokens() : new Map(),
      faults: [],
      received: new Set(),
    }
    const { clients, mostMib } = await attack(run, { server, ann, ben, frames })

    expect(run.faults).toEqual([])
    // The run also exercised valid paths.
    for (const reply of expectedReplies) expect(run.received).toContain(reply)
    expect(server.errors).toEqual([])
    expect(mostMib).toBeLessThan(maxMib)
    for (const client of clients) client.drop()
    await expect
      .poll(() => readGauges(server), patience)
      .toEqual({ connections: 2, rooms: 1, members: 2, queued: 0 })
    // Connections that fetched metrics may stay open for a while.
    await expect.poll(() => openFiles(server) - filesBefore, patience).toBeLessThan(5)
    expect(otherMessages(ann.client)).toEqual(['peer-joined', 'resume', 'welcome'])
    expect(otherMessages(ben.client)).toEqual(['welcome'])
    for (const { client } of [ann, ben]) await client.leave()
    await expect
      .poll(() => readGauges(server), patience)
      .toEqual({ connections: 0, rooms: 0, members: 0, queued: 0 })
  },
)

/** Without a secret: with one, rooms that empty in the first minute are kept until it ends. */
const settings = {
  SKEIN_MEMBER_GRACE_MS: '200',
  SKEIN_HOST_GRACE_MS: '100',
  // The forged addresses count, so that clients hit the limits per address.
  SKEIN_TRUST_PROXY: '127.0.0.1',
  SKEIN_JOINS_PER_MINUTE_PER_IP: '1000000',
  SKEIN_MAX_CONNECTIONS_PER_IP: '4',
  SKEIN_TURN_URLS: 'turn:127.0.0.1:9',
  SKEIN_TURN_SECRET: 'fuzz',
  SKEIN_LOG_LEVEL: 'info',
}
/** Every run of this length gets all of these. */
const expectedReplies = [
  ...['welcome', 'signal', 'pong', 'peer-joined', 'peer-updated', 'peer-left', 'host', 'resume'],
  ...['bad-message', 'already-joined', 'peer-not-found', 'unauthorized', 'not-host'],
]
const slots = 24
const framesPerRound = 50
/** A new server takes 100 MiB; queues, partial frames and garbage come on top. */
const maxMib = 320
const patience = { timeout: 30_000, interval: 50 }

/** Tokens with and without rights, with and without a `sub`. */
const mintJoinTokens = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
  const claims = [
    { kick: true },
    { canHost: false },
    { sub: 'one', single: true, kick: true },
    { sub: 'two', single: true },
    { sub: 'two', priority: 100 },
  ]
  const tokensByRoom = fuzzRooms.map(async (room) => {
    const tokens = claims.map((each) => tokenFor({ ...each, room, lifeS: 3_600 }))
    return [room, await Promise.all(tokens)] as const
  })
  return new Map(await Promise.all(tokensByRoom))
}

type Bystander = Awaited<ReturnType<typeof bystander>>

const bystander = async (server: ServerProcess) => {
  const client = await TestClient.open({ url: server.url })
  const token = await tokenFor({ room: 'bystanders' })
  const { self, resume } = await client.join('bystanders', { token })
  return { client, id: peerId(self.id), resume }
}

interface AttackOptions {
  readonly server: ServerProcess
  readonly ann: Bystander
  readonly ben: Bystander
  readonly frames: number
}

const attack = async (run: FuzzRun, { server, ann, ben, frames }: AttackOptions) => {
  const clients = await Promise.all(Array.from({ length: slots }, () => HostileClient.connect(run)))
  let mostMib = 0
  for (let sent = 0; sent < frames; sent += framesPerRound) {
    for (let n = 0; n < framesPerRound; n += 1) {
      const slot = randomBelow(run.random, slots)
      if (!clients[slot]?.isOpen) clients[slot] = await HostileClient.connect(run)
      clients[slot]?.sendNext()
    }
    await expectSignal(ann, ben)
    await expectSignal(ben, ann)
    expect(server.hasExited()).toBe(false)
    if (sent % 1_000 === 0) mostMib = Math.max(mostMib, await memoryMib(server))
  }
  console.info(`fuzz: ${frames} frames, at most ${Math.round(mostMib)} MiB`)
  return { clients, mostMib }
}

/** Expects a signal between the bystanders to arrive, with no other in between. */
const expectSignal = async (from: Bystander, to: Bystander): Promise<void> => {
  from.client.signal(to.id)
  expect((await to.client.next('signal')).from).toBe(from.id)
}

/** The types of all messages except signals, which `expectSignal` checks. */
const otherMessages = (client: TestClient): string[] =>
  client.all
    .map(({ type }) => type)
    .filter((type) => type !== 'signal')
    .toSorted()

const memoryMib = async (server: ServerProcess): Promise<number> =>
  (await server.metric('process_resident_memory_bytes')) / 2 ** 20

const readGauges = async (server: ServerProcess) => ({
  connections: await server.metric('skein_connections'),
  rooms: await server.metric('skein_rooms'),
  members: await server.metric('skein_members'),
  queued: await server.metric('skein_send_queue_bytes'),
})

/** Number of open file descriptors; 0 except on Linux. */
const openFiles = ({ pid }: ServerProcess): number =>
  process.platform === 'linux' ? readdirSync(`/proc/${pid}/fd`).length : 0
