import { type ConnectionId, connectionId, type Millis, peerId } from '../ids.ts'
import type { ServerMessage } from '../messages.ts'
import {
  createRoom,
  type Identity,
  type ResumeClaims,
  type Room,
  type RoomEffect,
  type RoomInput,
  type RoomOptions,
  type Self,
  step,
} from './index.ts'

type Received = Partial<ServerMessage> & { readonly type: ServerMessage['type'] }
type InputWithoutSender = {
  readonly [Type in RoomInput['type']]: Omit<
    Extract<RoomInput, { type: Type }>,
    'connection' | 'id' | 'from'
  >
}[RoomInput['type']]

/** Runs a room with named peers and records what each of them receives. */
export class RoomHarness {
  now: Millis = 1_000
  readonly options: RoomOptions
  room: Room
  /** The effects of the last input. */
  effects: readonly RoomEffect[] = []
  private readonly connections = new Map<string, ConnectionId>()
  private readonly received = new Map<ConnectionId, Received[]>()
  private readonly claims = new Map<string, ResumeClaims>()
  private readonly identities = new Map<string, Identity>()
  private serial = 0

  constructor(change: Partial<RoomOptions> = {}) {
    this.options = { ...defaults, ...change }
    this.room = createRoom(this.options)
  }

  /** Later joins and resumes of this peer have this identity. */
  identify(name: string, identity: Identity): this {
    this.identities.set(name, identity)
    return this
  }

  join(name: string, self: Partial<Self> = {}): this {
    return this.input({
      type: 'join',
      connection: this.connect(name),
      id: peerId(name),
      self: { ...plainSelf, ...self },
      identity: this.identityOf(name),
    })
  }

  resume(name: string, self: Partial<Self> = {}, claims: ResumeClaims = this.claimsOf(name)): this {
    const connection = this.connect(name)
    const identity = this.identityOf(name)
    return this.input({
      type: 'resume',
      connection,
      claims,
      self: { ...plainSelf, ...self },
      identity,
    })
  }

  disconnect(name: string): this {
    return this.input({ type: 'lost', connection: this.connectionOf(name), id: peerId(name) })
  }

  send(name: string | null, input: InputWithoutSender): this {
    const by =
      name === null
        ? {}
        : { connection: this.connectionOf(name), id: peerId(name), from: peerId(name) }
    return this.input({ ...input, ...by } as RoomInput)
  }

  wait(ms: Millis): this {
    this.now += ms
    return this
  }

  /** Restarts the server: the room is lost, the tokens are not. */
  restart(change: Partial<RoomOptions>): this {
    this.room = createRoom({ ...this.options, epoch: this.now, ...change })
    return this
  }

  connectionOf(name: string): ConnectionId {
    return this.connections.get(name) ?? connectionId('none')
  }

  claimsOf(name: string): ResumeClaims {
    const claims = this.claims.get(name)
    if (claims === undefined) throw new Error(`${name} has no token.`)
    return claims
  }

  /** What a peer received on its current connection. */
  receivedBy(name: string): readonly Received[] {
    return this.received.get(this.connectionOf(name)) ?? []
  }

  lastReceivedBy(name: string): Received | undefined {
    return this.receivedBy(name).at(-1)
  }

  private identityOf(name: string): Identity | null {
    return this.identities.get(name) ?? null
  }

  private connect(name: string): ConnectionId {
    this.serial += 1
    const connection = connectionId(`c${this.serial}`)
    this.connections.set(name, connection)
    return connection
  }

  private input(input: RoomInput): this {
    const [room, effects] = step(this.room, input, this.now)
    this.room = room
    this.effects = effects
    for (const effect of effects) this.perform(effect)
    return this
  }

  private perform(effect: RoomEffect): void {
    if (effect.type === 'welcome' || effect.type === 'resume') {
      this.claims.set(effect.claims.id, effect.claims)
    }
    if (effect.type === 'resume' || effect.type === 'close') return
    for (const to of [effect.to].flat()) {
      this.received.set(to, [...(this.received.get(to) ?? []), effect.message])
    }
  }
}

const plainSelf: Self = { presence: null, canHost: true, priority: 0 }

const defaults: RoomOptions = {
  name: 'blue-door',
  epoch: 1_000,
  policy: {
    memberGraceMs: 10_000,
    hostGraceMs: 5_000,
    reloadGraceMs: 3_000,
    maxMembers: 4,
    rebuildMs: 5_000,
    rebuildMinMs: 0,
    tokenRenewMs: 1_000_000,
  },
  recoverUntil: null,
  keepUntil: null,
}
