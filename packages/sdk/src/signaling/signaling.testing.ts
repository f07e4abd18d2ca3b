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
import type { SignalingClient, SignalingOptions } from './signaling.ts'
import { createSignalingClient } from './signaling-client.ts'

/** A client and a server that the test scripts. */
export interface ClientSetup {
  readonly clock: VirtualClock
  readonly server: FakeServer
  readonly client: SignalingClient
  /** What the server received, over all sockets. */
  readonly requests: ClientMessage[]
  /** What the client said over HTTP. */
  readonly beacons: object[]
  readonly joins: JoinMessage[]
  /** What the observer received. */
  readonly welcomes: WelcomeMessage[]
  readonly received: ServerMessage[]
  readonly online: boolean[]
  readonly closed: (SkeinErrorShape | null)[]
  /** Sends to the newest socket. */
  readonly send: (message: ServerMessage) => void
  /** Handles a join; by default it sends a welcome. */
  onJoin: (join: JoinMessage, socket: FakeServerSocket) => void
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

const createRecord = () => ({
  requests: [] as ClientMessage[],
  beacons: [] as object[],
  joins: [] as JoinMessage[],
  welcomes: [] as WelcomeMessage[],
  received: [] as ServerMessage[],
  online: [] as boolean[],
  closed: [] as (SkeinErrorShape | null)[],
})

export const startClient = (change: Partial<SignalingOptions> = {}, seed = 1): ClientSetup => {
  const clock = virtualClock()
  const random = seededRandom(seed)
  const record = createRecord()
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
    record.requests.push(message.value)
    if (message.value.type === 'ping') socket.send(encode({ type: 'pong', id: message.value.id }))
    if (message.value.type !== 'join') return
    record.joins.push(message.value)
    built.onJoin(message.value, socket)
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
    seat: null,
    knock: async () => false,
    isBusy: () => false,
    isBroken: () => false,
    sendBeacon: (url, body) => record.beacons.push({ url, ...JSON.parse(body) }),
    observer: {
      welcomed: (message) => record.welcomes.push(message),
      received: (message) => record.received.push(message),
      reached: () => {},
      onlineChanged: (online) => record.online.push(online),
      closed: (error) => record.closed.push(error),
    },
    ...change,
  })
  const built: ClientSetup = {
    ...record,
    clock,
    server,
    client,
    send: (message) => server.sockets.at(-1)?.send(encode(message)),
    onJoin: ({ resume }, socket) =>
      socket.send(
        encode(welcome({ resumed: resume !== null, resume: `token-${record.joins.length}` })),
      ),
  }
  return built
}
