import {
  type ClientMessage,
  type ConnectionId,
  connectionId,
  decodeClient,
  defaultLimits,
  type ErrorCode,
  encode,
  errorMessage,
  type JoinMessage,
  type Limits,
  type Millis,
  type PeerId,
  peerId,
} from '@skein/protocol'
import {
  createRoom,
  deadline,
  isEmpty,
  type ResumeClaims,
  type Room,
  type RoomEffect,
  type RoomInput,
  type RoomPolicy,
  step,
} from '@skein/protocol/room'
import type { Clock } from '../time/clock.ts'
import { type FakeServerSocket, fakeServer } from './fake-socket.ts'

export interface FakeSignalingOptions {
  readonly clock: Clock
  readonly random?: () => number
  /** The longest delay of a frame. Default: 10. */
  readonly maxDelayMs?: number
  readonly limits?: Partial<Limits>
}

/** A signaling server in memory: the real room core with fake sockets. */
export interface FakeSignaling {
  /** The `WebSocket` constructor for one machine; other methods take the same name. */
  readonly port: (owner: string) => typeof WebSocket
  /** Drops all traffic to and from that machine without closing its sockets. */
  readonly cut: (owner: string) => void
  readonly restore: (owner: string) => void
  /** Closes the machine's sockets as if the network failed; it may reconnect at once. */
  readonly drop: (owner: string) => void
  /** Whether a request from that machine would be answered. */
  readonly isReachable: (owner: string) => boolean
  /** Crashes the server: it loses all rooms. */
  readonly stop: () => void
  /** Starts a new process with the same secret: it rebuilds rooms from the clients' tokens. */
  readonly start: () => void
  readonly room: (name: string) => Room | null
  /** The server's end of the machine's connection, for frames that no honest server sends. */
  readonly socketOf: (owner: string) => FakeServerSocket | null
  /** What pages said over HTTP (`POST <base>/leave`). While the server is down, they get lost. */
  readonly beacons: readonly Beacon[]
  readonly sendBeacon: (url: string, body: string) => void
}

export interface Beacon {
  readonly url: string
  readonly type: 'leave' | 'away'
  readonly reload: boolean
  readonly resume: string
}

/** The join token of a member that may kick. */
export const kickToken = 'may-kick'

/** After a restart, tokens of the previous process are accepted, and joins wait for resumes. */
const acceptTokensMs = 60_000
const queueJoinsMs = 5_000

export const fakeSignaling = (options: FakeSignalingOptions): FakeSignaling => {
  const core = new ServerCore(options)
  const { server } = core
  return {
    port: server.port,
    cut: server.cut,
    restore: server.restore,
    isReachable: server.isReachable,
    drop: (owner) => core.closeAll((socket) => socket.owner === owner),
    stop: () => core.stop(),
    start: () => core.start(),
    room: (name) => core.rooms.get(name)?.state ?? null,
    socketOf: (owner) => server.sockets.find((socket) => socket.owner === owner) ?? null,
    beacons: core.beacons,
    sendBeacon: (url, body) => core.receiveBeacon({ url, ...JSON.parse(body) }),
  }
}

interface Client {
  readonly socket: FakeServerSocket
  readonly connection: ConnectionId
  room: string | null
  id: PeerId | null
  mayKick: boolean
}

interface LiveRoom {
  state: Room
  cancel: () => void
}

class ServerCore {
  readonly rooms = new Map<string, LiveRoom>()
  readonly beacons: Beacon[] = []
  readonly server: ReturnType<typeof fakeServer>
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #clients = new Map<ConnectionId, Client>()
  #boot = 1
  #bootAt = Number.NEGATIVE_INFINITY
  #serial = 0
  #epoch = 0

  constructor({ clock, limits, ...rest }: FakeSignalingOptions) {
    this.#clock = clock
    this.#limits = { ...defaultLimits, ...limits }
    this.server = fakeServer({ clock, ...rest, connected: (socket) => this.#attach(socket) })
  }

  stop(): void {
    this.server.isUp = false
    for (const room of this.rooms.values()) room.cancel()
    this.rooms.clear()
    for (const { socket } of this.#clients.values()) socket.close(1006)
    this.#clients.clear()
  }

  start(): void {
    this.server.isUp = true
    this.#boot += 1
    this.#bootAt = this.#clock.now()
  }

  closeAll(matches: (socket: FakeServerSocket) => boolean): void {
    for (const client of [...this.#clients.values()]) {
      if (!matches(client.socket)) continue
      client.socket.close(1006)
      this.#onLost(client)
    }
  }

  receiveBeacon(beacon: Beacon): void {
    this.beacons.push(beacon)
    const { claims }: Token = JSON.parse(beacon.resume)
    const away = beacon.reload ? 'reload' : 'away'
    const absence = beacon.type === 'leave' ? 'left' : away
    this.#clock.after(10, () => {
      if (this.server.isUp && this.rooms.has(claims.room)) {
        this.#dispatch(claims.room, { type: 'detach', claims, absence })
      }
    })
  }

  #attach(socket: FakeServerSocket): void {
    this.#serial += 1
    const client: Client = {
      socket,
      connection: connectionId(`fake.${this.#serial}`),
      room: null,
      id: null,
      mayKick: false,
    }
    this.#clients.set(client.connection, client)
    socket.onmessage = (text) => this.#receive(client, text)
    socket.onclose = () => this.#onLost(client)
  }

  #onLost(client: Client): void {
    const { connection, room, id } = client
    if (!this.#clients.delete(connection) || room === null) return
    this.#dispatch(room, { type: 'lost', connection, id })
  }

  #receive(client: Client, text: string): void {
    const message = decodeClient(text)
    if (!message.ok) this.#error(client, message.error.code)
    else if (message.value.type === 'join') this.#join(client, message.value)
    else this.#act(client, message.value)
  }

  #join(client: Client, join: JoinMessage): void {
    const { room, token, resume, presence, canHost, priority } = join
    const { connection } = client
    const self = { presence, canHost, priority }
    const identity: null = null
    client.room = room
    client.mayKick = token === kickToken
    if (resume === null) {
      this.#serial += 1
      const id = peerId(`peer-${this.#serial}`)
      this.#dispatch(room, { type: 'join', connection, id, self, identity })
      return
    }
    const { boot, claims }: Token = JSON.parse(resume)
    const isKnown = this.rooms.has(room)
    if (isKnown || (boot !== this.#boot && this.#hasBootedWithin(acceptTokensMs))) {
      this.#dispatch(room, { type: 'resume', connection, claims, self, identity })
    } else this.#error(client, 'resume-rejected')
  }

  #act(client: Client, message: Exclude<ClientMessage, JoinMessage>): void {
    const { connection, room, id } = client
    if (message.type === 'ping') client.socket.send(encode({ type: 'pong', id: message.id }))
    else if (room === null || id === null) this.#error(client, 'not-joined')
    else if (message.type === 'kick' && !client.mayKick) this.#error(client, 'unauthorized', 'kick')
    else if (message.type !== 'pong' && message.type !== 'check-host') {
      this.#dispatch(room, inputOf({ connection, id, message }))
    }
  }

  #dispatch(name: string, input: RoomInput): void {
    const now = this.#clock.now()
    const room = this.rooms.get(name) ?? this.#open(name, input)
    if (!room) return
    const [state, effects] = step(room.state, input, now)
    room.state = state
    room.cancel()
    for (const effect of effects) this.#perform(effect)
    if (isEmpty(state)) {
      this.rooms.delete(name)
      return
    }
    const due = deadline(state)
    if (due !== null) {
      room.cancel = this.#clock.after(due - now, () => this.#dispatch(name, { type: 'tick' }))
    }
  }

  #open(name: string, { type }: RoomInput): LiveRoom | null {
    if (type !== 'join' && type !== 'resume') return null
    this.#epoch = Math.max(this.#epoch + 1, Math.ceil(this.#clock.now()))
    const state = createRoom({
      name,
      epoch: this.#epoch,
      policy: policy(this.#limits),
      recoverUntil: this.#recoverUntil(type),
      keepUntil: this.#hasBootedWithin(acceptTokensMs) ? this.#bootAt + acceptTokensMs : null,
    })
    const room: LiveRoom = { state, cancel: () => {} }
    this.rooms.set(name, room)
    return room
  }

  /** A resume to an unknown room begins a recovery; only early joins wait for one. */
  #recoverUntil(type: 'join' | 'resume'): Millis | null {
    if (type === 'resume') return this.#clock.now() + queueJoinsMs
    return this.#hasBootedWithin(queueJoinsMs) ? this.#bootAt + queueJoinsMs : null
  }

  #perform(effect: RoomEffect): void {
    switch (effect.type) {
      case 'send':
        for (const to of effect.to) this.#clients.get(to)?.socket.send(encode(effect.message))
        return
      case 'welcome':
        this.#welcome(effect)
        return
      case 'resume':
        this.#clients
          .get(effect.to)
          ?.socket.send(encode({ type: 'resume', resume: this.#sign(effect.claims) }))
        return
      case 'refuse': {
        const client = this.#clients.get(effect.to)
        if (client) client.room = null
        client?.socket.send(encode(effect.message))
        return
      }
      case 'close':
        this.#clients.get(effect.connection)?.socket.close(effect.code, effect.reason)
        this.#clients.delete(effect.connection)
    }
  }

  #welcome({ to, message, claims }: Extract<RoomEffect, { type: 'welcome' }>): void {
    const client = this.#clients.get(to)
    if (!client) return
    client.id = message.self.id
    const extra = { resume: this.#sign(claims), iceServers: [], limits: this.#limits }
    client.socket.send(encode({ ...message, ...extra }))
  }

  #error({ socket }: Client, code: ErrorCode, about: string | null = null): void {
    socket.send(encode(errorMessage({ code, about })))
  }

  #sign(claims: ResumeClaims): string {
    const token: Token = { boot: this.#boot, claims }
    return JSON.stringify(token)
  }

  #hasBootedWithin(ms: number): boolean {
    return this.#clock.now() < this.#bootAt + ms
  }
}

interface Token {
  readonly boot: number
  readonly claims: ResumeClaims
}

const policy = ({ memberGraceMs, hostGraceMs, reloadGraceMs, maxMembers }: Limits): RoomPolicy => ({
  memberGraceMs,
  hostGraceMs,
  reloadGraceMs,
  maxMembers,
  rebuildMs: 5_000,
  rebuildMinMs: 0,
  tokenRenewMs: 12 * 3_600_000,
})

const inputOf = ({
  connection,
  id,
  message,
}: {
  readonly connection: ConnectionId
  readonly id: PeerId
  readonly message: Exclude<ClientMessage, { type: 'join' | 'ping' | 'pong' | 'check-host' }>
}): RoomInput => {
  switch (message.type) {
    case 'signal':
      return { type: 'signal', connection, from: id, to: message.to, data: message.data }
    case 'update': {
      const { type: _type, ...change } = message
      return { type: 'update', connection, id, change }
    }
    case 'transfer-host':
      return { type: 'transfer-host', connection, id, to: message.to }
    case 'kick':
      return { type: 'kick', connection, id, target: message.id, reason: message.reason }
    case 'leave':
      return { type: 'leave', connection, id }
    case 'away':
      return { type: 'lost', connection, id, absence: message.reload ? 'reload' : 'away' }
  }
}
