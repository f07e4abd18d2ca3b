import { setImmediate as turn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type ConnectionId, type Member, nodeOf, type PeerId, peerId } from '@skein/protocol'
import type {
  Absence,
  Goodbye,
  Room,
  RoomEffect,
  RoomInput,
  RoomMember,
  RoomPolicy,
} from '@skein/protocol/room'
import { seededRandom } from '@skein/protocol/testing'
import { inboxChannel, roomKey } from '../../backbone/redis/keys.ts'
import { departInput } from '../../connections/room-inputs.ts'
import type { Attachment } from '../../rooms/resync.ts'
import { ClusterNode } from './cluster-node.ts'
import { FakeRedis } from './fake-redis.ts'
import { OpenSockets } from './open-sockets.ts'
import { VirtualTimers } from './virtual-timers.ts'
import { HostTerms, Visitor } from './visitor.ts'

export const nodeCount = 3
export const visitorCount = 5
const room = 'r'
const acceptMs = 60_000

export const policy: RoomPolicy = {
  memberGraceMs: 10_000,
  hostGraceMs: 5_000,
  reloadGraceMs: 3_000,
  maxMembers: visitorCount,
  rebuildMs: 5_000,
  rebuildMinMs: 0,
  tokenRenewMs: 3_600_000,
}

/** What a page says over HTTP as it goes. */
export interface Beacon {
  readonly node: number
  readonly absence: Goodbye
  /** `presented`: that of the page before a reload, which comes late. The page itself stays. */
  readonly token: 'latest' | 'presented'
  /** When its node notices that the socket is gone. */
  readonly socket: 'ends before' | 'ends after' | 'stays open'
  readonly times: number
}

/** Nodes that share one room through a fake Redis, their visitors, and the faults to simulate. */
export class Cluster {
  readonly timers: VirtualTimers = new VirtualTimers()
  readonly redis: FakeRedis = new FakeRedis(this.timers)
  readonly visitors: readonly Visitor[]
  readonly nodes: ClusterNode[] = []
  failovers = 0
  /** How many members were checked to be gone after their beacon. */
  departures = 0
  readonly #terms = new HostTerms()
  readonly #openSockets = new OpenSockets(({ attachment, node }) =>
    this.#dispatch(node, departInput(attachment, 'lost', 'lost'), false),
  )
  /** Members that left by a beacon, unless a node or a store that knew it was lost since. */
  readonly #left = new Set<PeerId>()
  #dead: string[] = []
  #hasRecentFailover = false
  #serial = 0

  readonly #random: () => number

  constructor(seed = 1) {
    this.#random = seededRandom(seed)
    this.visitors = Array.from({ length: visitorCount }, () => new Visitor(this.#terms))
    for (let index = 0; index < nodeCount; index += 1) this.nodes.push(this.#newNode())
  }

  join(visitor: Visitor, node: number): void {
    if (visitor.connection !== null) return
    const connection = this.#connect(visitor, node)
    this.#serial += 1
    const id = peerId(`p${this.#serial}`)
    visitor.joiningAs = id
    this.#dispatch(node, { type: 'join', connection, id, self, identity: null }, true)
  }

  resume(visitor: Visitor, node: number): void {
    const { claims } = visitor
    if (claims === null) return
    this.lose(visitor)
    visitor.presented = claims
    const connection = this.#connect(visitor, node)
    const { bornAt, now } = this.redis
    const isYoung = bornAt !== null && now < bornAt + acceptMs
    // The store that issued the token would still have the room.
    const mayCreate = isYoung && visitor.storeOfClaims !== this.redis.identity
    this.#dispatch(node, { type: 'resume', connection, claims, self, identity: null }, mayCreate)
  }

  lose(visitor: Visitor, absence: Absence = 'lost'): void {
    this.#disconnect(visitor, 'lost', absence)
  }

  /** The page of a visitor goes, and says so over HTTP to any node. */
  sendBeacon(visitor: Visitor, { node, absence, token, socket, times }: Beacon): void {
    const claims = token === 'latest' ? visitor.claims : visitor.presented
    if (claims === null) return
    const { hasFreshClaims } = visitor
    if (token === 'latest' && socket === 'ends before') this.lose(visitor)
    for (let time = 0; time < times; time += 1) {
      this.#dispatch(node, { type: 'detach', claims, absence }, false)
    }
    if (token === 'presented') return
    if (socket === 'stays open') this.#leaveSocketOpen(visitor)
    else this.lose(visitor)
    if (absence !== 'left') return
    if (hasFreshClaims) this.#left.add(claims.id)
    visitor.claims = null
  }

  /** The nodes notice that the sockets of pages that are gone have closed. */
  endSockets(): void {
    this.#openSockets.endAll()
  }

  leave(visitor: Visitor): void {
    if (visitor.view === null) return
    this.#disconnect(visitor, 'leave')
    visitor.claims = null
  }

  update(visitor: Visitor): void {
    const { connection, node, view } = visitor
    if (connection === null || node === null || view === null) return
    this.#serial += 1
    const change = { presence: { n: this.#serial } }
    this.#dispatch(node, { type: 'update', connection, id: view.self, change }, false)
  }

  /** Every visitor that believes it is host transfers the role to this one. */
  transferTo(visitor: Visitor): void {
    for (const { connection, node, view } of this.visitors) {
      if (connection === null || node === null || view === null || visitor.view === null) continue
      if (view.host !== view.self) continue
      const by = { connection, id: view.self }
      this.#dispatch(node, { type: 'transfer-host', ...by, to: visitor.view.self }, false)
    }
  }

  /** Kills a node with its sockets; a new process takes its place. */
  kill(index: number): void {
    const node = this.nodes[index]
    if (node === undefined) return
    node.stop()
    this.#dead.push(node.name)
    this.#left.clear()
    this.#openSockets.nodeKilled(index)
    for (const visitor of this.visitors) {
      if (visitor.node !== index) continue
      visitor.disconnect()
      visitor.forgetTerms()
    }
    this.nodes[index] = this.#newNode()
  }

  /**
   * Replaces the store, with messages still pending. Every second call only lets the nodes recover
   * from the first one.
   */
  async replaceStore(how: 'failOver' | 'restartEmpty'): Promise<void> {
    if (this.#hasRecentFailover) {
      for (const index of this.nodes.keys()) this.resync(index)
      await this.#waitUntilIdle()
      this.#hasRecentFailover = false
      return
    }
    this.#hasRecentFailover = true
    this.failovers += 1
    this.#left.clear()
    this.redis[how]()
    for (const visitor of this.visitors) if (visitor.connection === null) visitor.forgetTerms()
  }

  /** Lets a live node declare all killed nodes dead. */
  markDead(index: number): void {
    for (const name of this.#dead) this.nodes[index]?.markDead(name)
  }

  /** Delivers or drops the oldest pending messages. */
  deliverPending(count: number, outcome: 'delivered' | 'lost'): void {
    for (const { channel, message } of this.redis.pending.splice(0, count)) {
      const node = this.nodes.find(({ name }) => inboxChannel(name) === channel)
      if (outcome === 'delivered') node?.receive(message)
    }
  }

  resync(index: number): void {
    this.nodes[index]?.resync()
  }

  /** Lets the nodes finish what they can do without time passing. */
  async settle(): Promise<void> {
    do await turn()
    while (this.timers.runSoon())
  }

  /** Lets time pass for the nodes and for Redis alike. */
  async wait(ms: number): Promise<void> {
    await this.settle()
    for (let left = ms; left > 0; ) {
      left = this.timers.advanceToNext(left)
      await this.settle()
    }
  }

  /** Stops all faults, then resyncs every node until the invariants hold. */
  async recover(): Promise<void> {
    this.redis.fate = () => 'replied'
    this.endSockets()
    await this.#waitUntilIdle()
    // Before any grace period could end.
    if (this.failovers === 0) this.#checkDepartures()
    for (const _ of this.nodes) {
      for (const index of this.nodes.keys()) {
        this.markDead(index)
        this.resync(index)
        this.#dispatch(index, { type: 'tick' }, false)
      }
      await this.wait(policy.rebuildMs)
      await this.#waitUntilIdle()
    }
    // Nodes that lost a commit race retry after a random delay.
    for (let round = 0; round < recoveryRounds && this.#firstViolation() !== null; round += 1) {
      await this.#waitUntilIdle()
    }
  }

  /** Throws when the nodes, the store and the visitors disagree. */
  checkInvariants(): void {
    check(this.#terms.violations.length === 0, this.#terms.violations.join('; '))
    const stored = this.#storedRoom()
    const members = stored?.members ?? []
    for (const visitor of this.visitors) this.#checkVisitor(visitor, stored)
    for (const { connection } of members) {
      const isHeld = this.visitors.some((each) => each.connection === connection)
      check(connection === null || isHeld, 'every online member has a socket')
    }
  }

  #storedRoom(): Room | null {
    const text = this.redis.textOf(roomKey(room))
    return text ? JSON.parse(text) : null
  }

  #checkDepartures(): void {
    const members = this.#storedRoom()?.members ?? []
    this.departures += this.#left.size
    const hasLeft = ({ id }: RoomMember): boolean => this.#left.has(id)
    check(!members.some(hasLeft), 'a page that left by a beacon is no member')
  }

  #firstViolation(): unknown {
    try {
      this.checkInvariants()
      return null
    } catch (error) {
      return error
    }
  }

  #checkVisitor({ connection, view }: Visitor, stored: Room | null): void {
    if (connection === null) return
    check(view !== null, 'every join and resume gets a reply')
    const self = stored?.members.find(({ id }) => id === view.self)
    check(self?.connection === connection, 'every welcomed visitor with a socket is a member')
    check(
      view.epoch === stored?.epoch && view.term === stored.term,
      'all visitors know the current host term',
    )
    check(view.host === stored.host, 'all visitors know the current host')
    check(view.revision === stored.revision, 'all visitors are at the current revision')
    const seen = [...view.members.values()].sort(byId)
    check(
      isDeepStrictEqual(seen, stored.members.map(publicMember).sort(byId)),
      'all visitors know the current members',
    )
  }

  async #waitUntilIdle(): Promise<void> {
    for (let round = 0; round < 4; round += 1) {
      await this.settle()
      this.deliverPending(Number.POSITIVE_INFINITY, 'delivered')
      await this.wait(commitRetryMs)
    }
  }

  #newNode(): ClusterNode {
    this.#serial += 1
    return new ClusterNode({
      name: `n${this.#serial}`,
      redis: this.redis,
      policy,
      acceptMs,
      timers: this.timers,
      random: this.#random,
      deliver: (effect, to) => this.#deliver(effect, to),
      attached: (name) => this.#attachmentsOf(name),
    })
  }

  #deliver(effect: RoomEffect, to: ConnectionId): void {
    const visitor = this.visitors.find(({ connection }) => connection === to)
    if (visitor === undefined) {
      this.#openSockets.receive(effect, to)
      return
    }
    if (effect.type === 'welcome' || effect.type === 'resume') {
      visitor.storeOfClaims = this.redis.identity
    }
    if (!visitor.receive(effect)) return
    if (effect.type === 'refuse') visitor.disconnect()
    else this.#disconnect(visitor, 'lost')
  }

  #attachmentsOf(name: string): readonly Attachment[] {
    const held = this.visitors.flatMap((visitor) => this.#attachmentOf(visitor) ?? [])
    const all = [...held, ...this.#openSockets.attachments]
    return all.filter(({ connection }) => nodeOf(connection) === name)
  }

  #leaveSocketOpen(visitor: Visitor): void {
    const attachment = this.#attachmentOf(visitor)
    const { node } = visitor
    if (attachment !== null && node !== null) this.#openSockets.add({ attachment, node })
    visitor.disconnect()
  }

  #attachmentOf({ connection, view, joiningAs, claims }: Visitor): Attachment | null {
    const peer = view?.self ?? joiningAs ?? claims?.id
    if (connection === null || peer === undefined) return null
    return { room, connection, peer, isMember: view !== null }
  }

  #connect(visitor: Visitor, index: number): ConnectionId {
    const connection = this.#nodeAt(index).newConnection()
    visitor.connect(connection, index)
    return connection
  }

  #disconnect(visitor: Visitor, type: 'lost' | 'leave', absence: Absence = 'lost'): void {
    const attachment = this.#attachmentOf(visitor)
    const { node } = visitor
    visitor.disconnect()
    if (attachment !== null && node !== null) {
      this.#dispatch(node, departInput(attachment, type, absence), false)
    }
  }

  #dispatch(index: number, input: RoomInput, mayCreate: boolean): void {
    this.#nodeAt(index).rooms.dispatch(room, { input, mayCreate })
  }

  #nodeAt(index: number): ClusterNode {
    const node = this.nodes[index]
    if (node === undefined) throw new Error(`There is no node ${index}.`)
    return node
  }
}

/** Nodes that lost a race for a commit try again within so much. */
const commitRetryMs = 32
const recoveryRounds = 40

const self = { presence: null, canHost: true, priority: 0 }

function check(condition: boolean, expectation: string): asserts condition {
  if (!condition) throw new Error(`Invariant violated: ${expectation}.`)
}

const publicMember = (member: RoomMember): Member => ({
  id: member.id,
  joinOrder: member.joinOrder,
  presence: member.presence,
  canHost: member.canHost,
  priority: member.priority,
  online: member.online,
})

const byId = (a: Member, b: Member): number => (a.id < b.id ? -1 : 1)
