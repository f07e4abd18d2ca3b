import { type ConnectionId, connectionId, type Millis, type PeerId, peerId } from '../src/ids.ts'
import {
  createRoom,
  type Goodbye,
  type Identity,
  type ResumeClaims,
  type RoomEffect,
  type RoomInput,
  type RoomOptions,
  type Self,
  step,
} from '../src/room/index.ts'
import { candidateOf } from '../src/testing/index.ts'

/** A golden run of a room: each input with the effects of the server. */
export interface Story {
  readonly name: string
  readonly options: RoomOptions
  readonly steps: readonly {
    readonly now: Millis
    readonly input: RoomInput
    readonly effects: readonly RoomEffect[]
  }[]
}

type TimedInput = readonly [now: Millis, createInput: (tokens: Tokens) => RoomInput]
/** The latest token of each peer. */
type Tokens = ReadonlyMap<string, ResumeClaims>

const options: RoomOptions = {
  name: 'blue-door',
  epoch: 1_000,
  policy: {
    memberGraceMs: 10_000,
    hostGraceMs: 5_000,
    reloadGraceMs: 3_000,
    maxMembers: 3,
    rebuildMs: 5_000,
    rebuildMinMs: 0,
    tokenRenewMs: 43_200_000,
  },
  recoverUntil: null,
  keepUntil: null,
}

const self: Self = { presence: null, canHost: true, priority: 0 }
const by = (name: string, socket = 1): { connection: ConnectionId; id: PeerId } => ({
  connection: connectionId(`${name}.${socket}`),
  id: peerId(name),
})
const join =
  (name: string, change: Partial<Self> = {}, identity: Identity | null = null) =>
  (): RoomInput => ({
    type: 'join',
    ...by(name),
    self: { ...self, ...change },
    identity,
  })
const resume =
  (name: string, socket = 2, identity: Identity | null = null) =>
  (tokens: Tokens): RoomInput => {
    const claims = tokens.get(name)
    if (claims === undefined) throw new Error(`${name} has no token.`)
    return { type: 'resume', connection: by(name, socket).connection, claims, self, identity }
  }
const send = (input: RoomInput) => (): RoomInput => input
/** Presents the token of the first welcome, as if no later one had arrived. */
const resumeWithFirstToken = (name: string, change: Partial<ResumeClaims>) => (): RoomInput => ({
  type: 'resume',
  connection: by(name, 2).connection,
  claims: token(name, change),
  self,
  identity: null,
})
/** A page presents its token as it goes. */
const detach =
  (name: string, absence: Goodbye) =>
  (tokens: Tokens): RoomInput => {
    const claims = tokens.get(name)
    if (claims === undefined) throw new Error(`${name} has no token.`)
    return { type: 'detach', claims, absence }
  }
const detachWithFirstToken = (name: string) => (): RoomInput => ({
  type: 'detach',
  claims: token(name, {}),
  absence: 'left',
})
const lost = (name: string, socket = 1) => send({ type: 'lost', ...by(name, socket) })
const leave = (name: string) => send({ type: 'leave', ...by(name) })
const tick = send({ type: 'tick' })

const record = (script: {
  readonly name: string
  readonly options?: Partial<RoomOptions>
  readonly tokens?: readonly ResumeClaims[]
  readonly inputs: readonly TimedInput[]
}): Story => {
  const tokens = new Map((script.tokens ?? []).map((claims) => [String(claims.id), claims]))
  const all = { ...options, ...script.options }
  let room = createRoom(all)
  const steps = script.inputs.map(([now, createInput]) => {
    const input = createInput(tokens)
    const [next, effects] = step(room, input, now)
    room = next
    for (const effect of effects) {
      if ('claims' in effect) tokens.set(effect.claims.id, effect.claims)
    }
    return { now, input, effects }
  })
  return { name: script.name, options: all, steps }
}

function token(name: string, change: Partial<ResumeClaims>): ResumeClaims {
  return {
    room: 'blue-door',
    epoch: 1_000,
    id: peerId(name),
    joinOrder: 0,
    tokenSerial: 0,
    term: 1,
    host: peerId('ann'),
    online: 2,
    sub: null,
    ...change,
  }
}

const afterRestart = { epoch: 9_000, recoverUntil: 14_000, keepUntil: 69_000 }

/** The golden runs as the current core gives them. */
export const stories: readonly Story[] = [
  record({
    name: 'three join, a fourth finds the room full, the host leaves',
    inputs: [
      [1_000, join('ann')],
      [1_100, join('ben', { presence: { name: 'Ben' } })],
      [1_200, join('cat', { priority: 5 })],
      [1_300, join('dan')],
      [1_400, leave('ann')],
    ],
  }),
  record({
    name: 'a host is lost and comes back inside its grace',
    inputs: [
      [1_000, join('ann')],
      [1_100, join('ben')],
      [2_000, lost('ann')],
      [4_000, resume('ann')],
      [4_100, lost('ann', 1)],
    ],
  }),
  record({
    name: 'a host is lost, deposed after its grace, and gone after that of a member',
    inputs: [
      [1_000, join('ann')],
      [1_100, join('ben')],
      [2_000, lost('ann')],
      [6_999, tick],
      [7_000, tick],
      [12_000, tick],
      [12_100, resume('ann')],
    ],
  }),
  record({
    name: 'the node of the host dies, she comes back by another, and then the store is replaced',
    inputs: [
      [1_000, join('ann')],
      [1_100, join('ben')],
      [2_000, send({ type: 'node-lost', node: 'ann' })],
      [3_000, resume('ann')],
      [4_000, send({ type: 'failover' })],
      [4_100, leave('ann')],
    ],
  }),
  record({
    name: 'the role is given away, given up, and taken up again',
    inputs: [
      [1_000, join('ann')],
      [1_100, join('ben')],
      [1_200, send({ type: 'transfer-host', ...by('ben'), to: peerId('ben') })],
      [1_300, send({ type: 'transfer-host', ...by('ann'), to: peerId('ben') })],
      [1_400, send({ type: 'update', ...by('ann'), change: { canHost: false } })],
      [1_500, send({ type: 'update', ...by('ben'), change: { canHost: false } })],
      [1_600, send({ type: 'update', ...by('ann'), change: { canHost: true } })],
    ],
  }),
  record({
    name: 'signals reach members that are online, and a kick closes a connection',
    inputs: [
      [1_000, join('ann')],
      [1_100, join('ben')],
      [1_200, send({ ...signal('ann', 'ben') })],
      [1_300, lost('ben')],
      [1_400, send({ ...signal('ann', 'ben') })],
      [1_500, send({ ...signal('ann', 'eve') })],
      [1_600, send({ type: 'kick', ...by('ann'), target: peerId('ben'), reason: 'spam' })],
      [1_700, resume('ben')],
    ],
  }),
  record({
    name: 'of those who may be one the newest stays, and a resume token is of use to its owner alone',
    inputs: [
      [1_000, join('ann')],
      [1_100, join('ben', {}, { sub: 'u-7', isSingle: true })],
      [1_200, join('cat', {}, { sub: 'u-8', isSingle: true })],
      [1_300, join('dan', {}, { sub: 'u-7', isSingle: true })],
      [1_400, lost('dan')],
      [1_500, resume('dan', 2, { sub: 'u-8', isSingle: true })],
      [1_600, resume('dan', 3, { sub: 'u-7', isSingle: true })],
    ],
  }),
  record({
    name: 'a server restarts and all come back, with a newcomer among them',
    options: afterRestart,
    tokens: [token('ann', {}), token('ben', { joinOrder: 1, tokenSerial: 3 })],
    inputs: [
      [9_100, resume('ben')],
      [9_200, join('dan')],
      [9_300, resume('ann')],
    ],
  }),
  record({
    name: 'a server restarts, the host does not come back, and an older epoch is refused',
    options: afterRestart,
    tokens: [
      token('ann', {}),
      token('ben', { joinOrder: 1, term: 4 }),
      token('old', { epoch: 500 }),
    ],
    inputs: [
      [9_100, resume('ben')],
      [9_200, resume('old')],
      [14_100, tick],
      [14_200, resume('ann')],
    ],
  }),
  record({
    name: 'a room that empties soon after a restart stays closed to old tokens',
    options: afterRestart,
    tokens: [token('ann', { online: 1 }), token('ben', { joinOrder: 1 })],
    inputs: [
      [9_100, resume('ann')],
      [9_200, send({ type: 'leave', ...by('ann', 2) })],
      [9_300, resume('ben')],
      [9_400, join('dan')],
    ],
  }),
  record({
    name: 'a stale token comes first after a restart, and the members of the later epoch win',
    options: { ...afterRestart, policy: { ...options.policy, rebuildMinMs: 1_000 } },
    tokens: [
      token('old', { epoch: 500, host: peerId('old'), online: 1 }),
      token('ann', {}),
      token('ben', { joinOrder: 1 }),
    ],
    inputs: [
      [9_100, resume('old')],
      [9_900, resume('ben')],
      [10_000, resume('ann')],
      [10_900, tick],
      [11_000, join('old')],
    ],
  }),
  record({
    name: 'two members go while the room recovers, one for good, and neither enters the room that opens',
    options: afterRestart,
    tokens: [
      token('ann', { online: 3 }),
      token('ben', { joinOrder: 1, online: 3 }),
      token('cat', { joinOrder: 2, online: 3 }),
    ],
    inputs: [
      [9_100, resume('ann')],
      [9_200, resume('cat')],
      [9_300, detach('ann', 'left')],
      [9_400, detach('ben', 'reload')],
      [9_500, resume('ben')],
      [9_600, detach('cat', 'away')],
      [9_700, resume('ann', 3)],
      [14_100, tick],
    ],
  }),
  record({
    name: 'pages present their tokens as they go, and a late one changes nothing',
    inputs: [
      [1_000, join('ann')],
      [1_100, join('ben')],
      [1_200, lost('ann')],
      [1_300, detach('ann', 'reload')],
      [1_400, resume('ann')],
      [1_500, detachWithFirstToken('ann')],
      [1_600, detach('ann', 'away')],
      [1_700, detach('ben', 'left')],
    ],
  }),
  record({
    name: 'a token is good until a later one is presented, however many were issued since',
    inputs: [
      [1_000, join('ann')],
      [1_100, join('ben')],
      [1_200, send({ type: 'transfer-host', ...by('ann'), to: peerId('ben') })],
      [1_300, send({ type: 'transfer-host', ...by('ben'), to: peerId('ann') })],
      [1_400, lost('ben')],
      [1_500, resumeWithFirstToken('ben', { joinOrder: 1 })],
    ],
  }),
  record({
    name: 'a page reloads, another is put away, and both come back',
    inputs: [
      [1_000, join('ann')],
      [1_100, join('ben')],
      [1_200, send({ type: 'lost', ...by('ann'), absence: 'reload' })],
      [1_300, resume('ann')],
      [1_400, send({ type: 'lost', ...by('ann', 2), absence: 'away' })],
      [1_500, resume('ann', 3)],
    ],
  }),
]

function signal(from: string, to: string): Extract<RoomInput, { type: 'signal' }> {
  const { connection, id } = by(from)
  return { type: 'signal', connection, from: id, to: peerId(to), data: candidateOf() }
}
