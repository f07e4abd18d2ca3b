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
  /** The longest that a frame takes. Default: 10. */
  readonly maxDelayMs?: number
  readonly limits?: Partial<Limits>
}

/** A signaling server in memory: the real room core between fake sockets. */
export interface FakeSignaling {
  /** The `WebSocket` of one machine; the other methods take the same name. */
  readonly port: (owner: string) => typeof WebSocket
  /** From now on nothing goes through to that machine, and nobody is told. */
  readonly cut: (owner: string) => void
  readonly restore: (owner: string) => void
  /** Its sockets close, as on a lost path; it may come back at once. */
  readonly drop: (owner: string) => void
  /** The server dies; what it knew is gone. */
  readonly stop: () => void
  /** Another process with the same secret: it rebuilds its rooms from the tokens of its clients. */
  readonly start: () => void
  readonly room: (name: string) => Room | null
}

/** The token of who may kick. */
export const warden = 'warden'

/** Tokens of an earlier life are accepted for so long, and joins wait for them for so long. */
const rebuildMs = { accept: 60_000, gather: 5_000 }

export const fakeSignaling = (options: FakeSignalingOptions): FakeSignaling => {
  const mux = new ChannelMux(options)
  const { server } = mux
  return {
    port: server.port,
    cut: server.cut,
    restore: server.restore,
    drop: (owner) => mux.closeAll((socket) => socket.owner === owner),
    stop: () => mux.stop(),
    start: () => mux.start(),
    room: (name) => mux.rooms.get(name)?.state ?? null,
  }
}

interface Attached {
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

class ChannelMux {
  readonly rooms = new Map<string, LiveRoom>()
  readonly server: ReturnType<typeof fakeServer>
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #attached = new Map<ConnectionId, Attached>()
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
    for (const { socket } of this.#attached.values()) socket.close(1006)
    this.#attached.clear()
  }

  start(): void {
    this.server.isUp = true
    this.#boot += 1
    this.#bootAt = this.#clock.now()
  }

  closeAll(which: (socket: FakeServerSocket) => boolean): void {
    for (const attached of [...this.#attached.values()]) {
      if (!which(attached.socket)) continue
      attached.socket.close(1006)
      this.#lost(attached)
    }
  }

  #attach(socket: FakeServerSocket): void {
    this.#serial += 1
    const attached: Attached = {
      socket,
      connection: connectionId(`fake.${this.#serial}`),
      room: null,
      id: null,
      mayKick: false,
    }
    this.#attached.set(attached.connection, attached)
    socket.onmessage = (text) => this.#receive(attached, text)
    socket.onclose = () => this.#lost(attached)
  }

  #lost(attached: Attached): void {
    const { connection, room, id } = attached
    if (!this.#attached.delete(connection) || room === null) return
    this.#dispatch(room, { type: 'lost', connection, id })
  }

  #receive(attached: Attached, text: string): void {
    const message = decodeClient(text)
    if (!message.ok) this.#error(attached, message.error.code)
    else if (message.value.type === 'join') this.#join(attached, message.value)
    else this.#act(attached, message.value)
  }

  #join(attached: Attached, join: JoinMessage): void {
    const { room, token, resume, presence, canHost, priority } = join
    const { connection } = attached
    const self = { presence, canHost, priority }
    const identity: null = null
    attached.room = room
    attached.mayKick = token === warden
    if (resume === null) {
      this.#serial += 1
      const id = peerId(`peer-${this.#serial}`)
      this.#dispatch(room, { type: 'join', connection, id, self, identity })
      return
    }
    const { boot, claims }: Token = JSON.parse(resume)
    const isKnown = this.rooms.has(room)
    if (isKnown || (boot !== this.#boot && this.#isYoung(rebuildMs.accept))) {
      this.#dispatch(room, { type: 'resume', connection, claims, self, identity })
    } else this.#error(attached, 'resume-rejected')
  }

  #act(attached: Attached, message: Exclude<ClientMessage, JoinMessage>): void {
    const { connection, room, id } = attached
    if (message.type === 'ping') attached.socket.send(encode({ type: 'pong', id: message.id }))
    else if (room === null || id === null) this.#error(attached, 'not-joined')
    else if (message.type === 'kick' && !attached.mayKick)
      this.#error(attached, 'unauthorized', 'kick')
    else this.#dispatch(room, inputOf({ connection, id, message }))
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
    const { gather, accept } = rebuildMs
    this.#epoch = Math.max(this.#epoch + 1, Math.ceil(this.#clock.now()))
    const state = createRoom({
      name,
      epoch: this.#epoch,
      policy: policy(this.#limits),
      recoverUntil: this.#isYoung(gather) ? this.#bootAt + gather : null,
      keepUntil: this.#isYoung(accept) ? this.#bootAt + accept : null,
    })
    const room: LiveRoom = { state, cancel: () => {} }
    this.rooms.set(name, room)
    return room
  }

  #perform(effect: RoomEffect): void {
    switch (effect.type) {
      case 'send':
        for (const to of effect.to) this.#attached.get(to)?.socket.send(encode(effect.message))
        return
      case 'welcome':
        this.#welcome(effect)
        return
      case 'resume':
        this.#attached
          .get(effect.to)
          ?.socket.send(encode({ type: 'resume', resume: this.#sign(effect.claims) }))
        return
      case 'refuse': {
        const attached = this.#attached.get(effect.to)
        if (attached) attached.room = null
        attached?.socket.send(encode(effect.message))
        return
      }
      case 'close':
        this.#attached.get(effect.connection)?.socket.close(effect.code, effect.reason)
        this.#attached.delete(effect.connection)
    }
  }

  #welcome({ to, message, claims }: Extract<RoomEffect, { type: 'welcome' }>): void {
    const attached = this.#attached.get(to)
    if (!attached) return
    attached.id = message.self.id
    const extra = { resume: this.#sign(claims), iceServers: [], limits: this.#limits }
    attached.socket.send(encode({ ...message, ...extra }))
  }

  #error({ socket }: Attached, code: ErrorCode, about: string | null = null): void {
    socket.send(encode(errorMessage({ code, about })))
  }

  #sign(claims: ResumeClaims): string {
    const token: Token = { boot: this.#boot, claims }
    return JSON.stringify(token)
  }

  #isYoung(ms: number): boolean {
    return this.#clock.now() < this.#bootAt + ms
  }
}

interface Token {
  readonly boot: number
  readonly claims: ResumeClaims
}

const policy = ({ memberGraceMs, hostGraceMs, maxMembers }: Limits): RoomPolicy => ({
  memberGraceMs,
  hostGraceMs,
  maxMembers,
  rebuildMs: 5_000,
  tokenRenewMs: 12 * 3_600_000,
})

const inputOf = ({
  connection,
  id,
  message,
}: {
  readonly connection: ConnectionId
  readonly id: PeerId
  readonly message: Exclude<ClientMessage, { type: 'join' | 'ping' }>
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
  }
}
