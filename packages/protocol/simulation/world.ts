import { isDeepStrictEqual } from 'node:util'
import { type ConnectionId, connectionId, type Millis, type PeerId, peerId } from '../src/ids.ts'
import type { Member } from '../src/messages.ts'
import type { Identity, Room, RoomEffect, RoomInput, RoomMember } from '../src/room/index.ts'
import { clientCount } from './actions.ts'
import { Client, isAfter } from './client.ts'
import { demand } from './demand.ts'
import type { Transition } from './invariants.ts'
import { checkRebuild, returningOf } from './returns.ts'
import { Server } from './server.ts'

/** A server, some clients, and a clock: everything that happens to one room. */
export class World {
  now: Millis = 1_000_000
  steps = 0
  readonly server: Server = new Server(this.now)
  readonly clients: readonly Client[] = Array.from({ length: clientCount }, () => new Client())
  private serial = 0
  private lostNodes = 0
  private readonly reigns = new Map<string, Reign>()
  private hasForgotten = false

  /** Hands an input to the server and its effects to the clients; what was due comes first. */
  dispatch(input: RoomInput, tokenBoot: number | null = null): Transition | null {
    this.steps += 1
    const transitions = this.server.dispatch({ input, now: this.now, tokenBoot })
    for (const transition of transitions ?? []) {
      if (isOpening(transition)) this.reopen(transition)
      for (const effect of transition.effects) this.deliver(effect)
      this.recordReign(transition.after)
      this.checkViews(transition.after)
    }
    return transitions?.at(-1) ?? null
  }

  /** The server dies and comes back knowing nothing but how to read tokens. */
  restart(): void {
    this.server.restart(this.now)
    for (const client of this.clients) client.disconnect()
  }

  /** Two are one person, who may be there once; a third has a name; the others have none. */
  identityOf(client: Client): Identity | null {
    return identities[this.clients.indexOf(client)] ?? null
  }

  /** All are on one node; from now on on another. */
  loseNode(): void {
    const node = `node-${this.lostNodes}`
    this.lostNodes += 1
    // What was due before reaches them still; of the loss itself none of them hears.
    this.dispatch({ type: 'tick' })
    for (const client of this.clients) client.disconnect()
    this.dispatch({ type: 'node-lost', node })
  }

  newConnection(): ConnectionId {
    this.serial += 1
    return connectionId(`node-${this.lostNodes}.${this.serial}`)
  }

  newId(): PeerId {
    this.serial += 1
    return peerId(`peer-${this.serial}`)
  }

  private deliver(effect: RoomEffect): void {
    switch (effect.type) {
      case 'send':
        for (const to of effect.to) this.hear(to, effect)
        break
      case 'welcome':
        this.addressee(effect.to).welcomed(effect, this.server.boot)
        break
      case 'resume':
        this.attached(effect.to).keep({ claims: effect.claims, boot: this.server.boot })
        break
      case 'refuse':
        this.waiting(effect.to).settle()
        break
      case 'close':
        for (const client of this.clients) client.closed(effect.connection)
        break
    }
  }

  private hear(to: ConnectionId, { message }: Extract<RoomEffect, { type: 'send' }>): void {
    if (message.type === 'signal' || message.type === 'error') return
    this.attached(to).heard(message)
  }

  private attached(connection: ConnectionId): Client {
    const client = this.clients.find((each) => each.connection === connection)
    demand(client !== undefined, 'members are told things on connections that they have')
    return client
  }

  /** Of a welcome, which may come at any time. */
  private addressee(connection: ConnectionId): Client {
    const member = this.clients.find((each) => each.connection === connection)
    return member ?? this.waiting(connection)
  }

  private waiting(connection: ConnectionId): Client {
    const client = this.clients.find((each) => each.pending === connection)
    demand(client !== undefined, 'an answer goes to a connection that waits for it')
    return client
  }

  /**
   * After a restart the server knows what those who came back know. If none of them has seen the
   * last reigns, then these are forgotten; but nobody who came back has seen more than it now knows.
   */
  private reopen(transition: Transition): void {
    checkRebuild(transition)
    const back = returningOf(transition)
    if (back.length === 0) return
    const { epoch } = transition.after
    const term = Math.max(...back.map(({ claims }) => claims.term))
    this.remember({
      epoch,
      term,
      hosts: back.filter(({ claims }) => claims.term === term).map(({ claims }) => claims.host),
    })
    const connections = new Set(back.map(({ connection }) => connection))
    for (const client of this.clients) {
      if (client.pending !== null && connections.has(client.pending)) continue
      client.forgetReignsAfter(epoch, term)
    }
    for (const [key, reign] of this.reigns) {
      if (!isAfter([reign.epoch, reign.term], [epoch, term])) continue
      this.reigns.delete(key)
      this.hasForgotten = true
    }
  }

  /**
   * Reigns that were forgotten may have been given out anew. If after another restart those come
   * back who had seen the first, it is theirs that counts.
   */
  private remember({ epoch, term, hosts }: Remembered): void {
    const key = `${epoch}.${term}`
    const known = this.reigns.get(key)
    if (this.hasForgotten && known !== undefined && !hosts.includes(known.host)) {
      this.reigns.delete(key)
    }
  }

  /** At most one host for each epoch and term (1). */
  private recordReign({ epoch, term, host, recovery, members }: Room): void {
    if (recovery !== null || members.length === 0) return
    const key = `${epoch}.${term}`
    const known = this.reigns.get(key)
    demand(known === undefined || known.host === host, 'there is one host for each epoch and term')
    this.reigns.set(key, { epoch, term, host })
  }

  /** Every member that is online sees the room as it is (5). */
  private checkViews(room: Room): void {
    const members = room.members.map(publicMember)
    for (const { connection, id } of room.members) {
      if (connection === null) continue
      const { view } = this.attached(connection)
      demand(view !== null && view.self === id, 'who is a member has had a welcome')
      demand(view.epoch === room.epoch && view.term === room.term, 'all see the present reign')
      demand(view.host === room.host, 'all see the host')
      demand(view.revision === room.revision, 'all are at the present revision')
      const seen = [...view.members.values()].sort(byJoinOrder)
      demand(isDeepStrictEqual(seen, members), 'all see the members as they are')
    }
  }
}

const twin: Identity = { sub: 'twin', isSingle: true }
const named: Identity = { sub: 'named', isSingle: false }
const identities: readonly (Identity | null)[] = [null, null, null, named, twin, twin]

interface Reign {
  readonly epoch: number
  readonly term: number
  readonly host: PeerId | null
}

interface Remembered {
  readonly epoch: number
  readonly term: number
  /** What the newest tokens name; more than one when they are of different histories. */
  readonly hosts: readonly (PeerId | null)[]
}

const isOpening = ({ before, after }: Transition): boolean =>
  before.recovery !== null && after.recovery === null

/** A membership of an abandoned history may bring the order of another: ties go by id. */
const byJoinOrder = (a: Member, b: Member): number =>
  a.joinOrder - b.joinOrder || (a.id < b.id ? -1 : 1)

const publicMember = (member: RoomMember): Member => ({
  id: member.id,
  joinOrder: member.joinOrder,
  presence: member.presence,
  canHost: member.canHost,
  priority: member.priority,
  online: member.online,
})
