import {
  type ClientMessage,
  decodeClient,
  defaultLimits,
  encode,
  type JoinMessage,
  peerId,
  type ServerMessage,
  type WelcomeMessage,
} from '@skein/protocol'
import type { SkeinErrorShape } from '../api.ts'
import { type FakeServer, type FakeServerSocket, fakeServer } from '../testing/fake-socket.ts'
import { seededRandom } from '../testing/seeds.ts'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts'
import type { SignalingClient } from './signaling.ts'
import { createSignalingClient, type SignalingOptions } from './signaling-client.ts'

/** A client against a server that a test scripts. */
export interface Stage {
  readonly clock: VirtualClock
  readonly server: FakeServer
  readonly client: SignalingClient
  /** What the server got, over all sockets. */
  readonly got: ClientMessage[]
  readonly joins: JoinMessage[]
  /** What the observer heard. */
  readonly welcomes: WelcomeMessage[]
  readonly heard: ServerMessage[]
  readonly online: boolean[]
  readonly closed: (SkeinErrorShape | null)[]
  /** To the newest socket. */
  readonly say: (message: ServerMessage) => void
  /** What is answered to a join; the default is a welcome. */
  answer: (join: JoinMessage, socket: FakeServerSocket) => void
}

export const welcome = (change: Partial<WelcomeMessage> = {}): WelcomeMessage => ({
  type: 'welcome',
  v: 1,
  self: {
    id: peerId('me'),
    joinOrder: 1,
    presence: null,
    canHost: true,
    priority: 0,
    online: true,
  },
  room: 'blue-door',
  epoch: 1,
  revision: 1,
  term: 1,
  host: peerId('me'),
  peers: [],
  resume: 'token-1',
  resumed: false,
  iceServers: [],
  limits: defaultLimits,
  ...change,
})

export const stage = (change: Partial<SignalingOptions> = {}, seed = 1): Stage => {
  const clock = virtualClock()
  const random = seededRandom(seed)
  const record = {
    got: [] as ClientMessage[],
    joins: [] as JoinMessage[],
    welcomes: [] as WelcomeMessage[],
    heard: [] as ServerMessage[],
    online: [] as boolean[],
    closed: [] as (SkeinErrorShape | null)[],
  }
  const server = fakeServer({
    clock,
    random,
    connected: (socket) => {
      socket.onmessage = (text) => receive(socket, text)
    },
  })
  const receive = (socket: FakeServerSocket, text: string) => {
    const message = decodeClient(text)
    if (!message.ok) throw new Error(message.error.message)
    record.got.push(message.value)
    if (message.value.type === 'ping') socket.send(encode({ type: 'pong', id: message.value.id }))
    if (message.value.type !== 'join') return
    record.joins.push(message.value)
    built.answer(message.value, socket)
  }
  const client = createSignalingClient({
    url: 'ws://fake/ws',
    room: 'blue-door',
    presence: null,
    canHost: true,
    priority: 0,
    token: null,
    WebSocket: server.port(),
    clock,
    random,
    timeoutMs: 15_000,
    observer: {
      welcomed: (message) => record.welcomes.push(message),
      received: (message) => record.heard.push(message),
      onlineChanged: (online) => record.online.push(online),
      closed: (error) => record.closed.push(error),
    },
    ...change,
  })
  const built: Stage = {
    ...record,
    clock,
    server,
    client,
    say: (message) => server.sockets.at(-1)?.send(encode(message)),
    answer: ({ resume }, socket) =>
      socket.send(
        encode(welcome({ resumed: resume !== null, resume: `token-${record.joins.length}` })),
      ),
  }
  return built
}
