import { setImmediate as turn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type ConnectionId, type Member, nodeOf, peerId } from '@skein/protocol'
import type { Room, RoomEffect, RoomInput, RoomMember, RoomPolicy } from '@skein/protocol/room'
import { inboxOf, roomKey } from '../../backbone/redis/keys.ts'
import type { Attachment } from '../../rooms/resync.ts'
import { ClusterNode } from './cluster-node.ts'
import { FakeRedis } from './fake-redis.ts'
import { Reigns, Visitor } from './visitor.ts'

export const nodeCount = 3
export const visitorCount = 5
const room = 'r'
const acceptMs = 60_000

export const policy: RoomPolicy = {
  memberGraceMs: 10_000,
  hostGraceMs: 5_000,
  maxMembers: visitorCount,
  rebuildMs: 5_000,
  tokenRenewMs: 3_600_000,
}

/** Some nodes that share a room by one Redis, their visitors, and what may go wrong. */
export class Cluster {
  readonly redis: FakeRedis = new FakeRedis()
  readonly visitors: readonly Visitor[]
  readonly nodes: ClusterNode[] = []
  failovers = 0
  readonly #reigns = new Reigns()
  #dead: string[] = []
  #isShaken = false
  #serial = 0

  constructor() {
    this.visitors = Array.from({ length: visitorCount }, () => new Visitor(this.#reigns))
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
    const connection = this.#connect(visitor, node)
    const { bornAt, now } = this.redis
    const isYoung = bornAt !== null && now < bornAt + acceptMs
    // Of the life in which the token was written the store would know the room.
    const mayOpen = isYoung && visitor.storeOfClaims !== this.redis.identity
    this.#dispatch(node, { type: 'resume', connection, claims, self, identity: null }, mayOpen)
  }

  lose(visitor: Visitor): void {
    this.#gone(visitor, 'lost')
  }

  leave(visitor: Visitor): void {
    if (visitor.view === null) return
    this.#gone(visitor, 'leave')
    visitor.claims = null
  }

  update(visitor: Visitor): void {
    const { connection, node, view } = visitor
    if (connection === null || node === null || view === null) return
    this.#serial += 1
    const change = { presence: { n: this.#serial } }
    this.#dispatch(node, { type: 'update', connection, id: view.self, change }, false)
  }

  /** Whoever believes to be host gives the role away. */
  transferTo(visitor: Visitor): void {
    for (const { connection, node, view } of this.visitors) {
      if (connection === null || node === null || view === null || visitor.view === null) continue
      if (view.host !== view.self) continue
      const by = { connection, id: view.self }
      this.#dispatch(node, { type: 'transfer-host', ...by, to: visitor.view.self }, false)
    }
  }

  /** Its sockets are gone, and another process takes its place. */
  kill(index: number): void {
    const node = this.nodes[index]
    if (node === undefined) return
    node.stop()
    this.#dead.push(node.name)
    for (const visitor of this.visitors) {
      if (visitor.node !== index) continue
      visitor.disconnect()
      visitor.forgetReigns()
    }
    this.nodes[index] = this.#newNode()
  }

  /**
   * The store is replaced, whatever is on its way. Not twice in a moment: the second time is time to
   * get over the first.
   */
  async replaceStore(how: 'failOver' | 'empty'): Promise<void> {
    if (this.#isShaken) {
      for (const index of this.nodes.keys()) this.lookAgain(index)
      await this.#quiet()
      this.#isShaken = false
      return
    }
    this.#isShaken = true
    this.failovers += 1
    this.redis[how]()
    for (const visitor of this.visitors) if (visitor.connection === null) visitor.forgetReigns()
  }

  /** One that still lives declares the dead dead. */
  bury(index: number): void {
    for (const name of this.#dead) this.nodes[index]?.bury(name)
  }

  /** Hands out the oldest mail, or loses it. */
  post(count: number, fate: 'delivered' | 'lost'): void {
    for (const { channel, message } of this.redis.mail.splice(0, count)) {
      const node = this.nodes.find(({ name }) => inboxOf(name) === channel)
      if (fate === 'delivered') node?.hear(message)
    }
  }

  lookAgain(index: number): void {
    this.nodes[index]?.lookAgain()
  }

  /** Lets everything happen that can. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 4; turns += 1) await turn()
  }

  /** Nothing goes wrong any more, and everyone looks again. */
  async heal(): Promise<void> {
    this.redis.fate = () => 'answered'
    for (const _ of this.nodes) {
      for (const index of this.nodes.keys()) {
        this.bury(index)
        this.lookAgain(index)
        this.#dispatch(index, { type: 'tick' }, false)
      }
      this.redis.wait(policy.rebuildMs)
      await this.#quiet()
    }
    // Nodes that raced wait for moments of chance.
    const until = performance.now() + patienceMs
    while (this.#fault() !== null && performance.now() < until) await this.#quiet()
  }

  check(): void {
    demand(this.#reigns.troubles.length === 0, this.#reigns.troubles.join('; '))
    const text = this.redis.textOf(roomKey(room))
    const kept: Room | null = text ? JSON.parse(text) : null
    const members = kept?.members ?? []
    for (const visitor of this.visitors) this.#checkVisitor(visitor, kept)
    for (const { connection } of members) {
      const isHeld = this.visitors.some((each) => each.connection === connection)
      demand(connection === null || isHeld, 'a member that is online has a socket')
    }
  }

  #fault(): unknown {
    try {
      this.check()
      return null
    } catch (error) {
      return error
    }
  }

  #checkVisitor({ connection, view }: Visitor, kept: Room | null): void {
    if (connection === null) return
    demand(view !== null, 'whoever waits gets an answer')
    const self = kept?.members.find(({ id }) => id === view.self)
    demand(self?.connection === connection, 'who has a socket and a welcome is a member')
    demand(view.epoch === kept?.epoch && view.term === kept.term, 'all see the present reign')
    demand(view.host === kept.host, 'all see the host')
    demand(view.revision === kept.revision, 'all are at the present revision')
    const seen = [...view.members.values()].sort(byId)
    demand(
      isDeepStrictEqual(seen, kept.members.map(publicMember).sort(byId)),
      'all see the members as they are',
    )
  }

  async #quiet(): Promise<void> {
    for (let round = 0; round < 4; round += 1) {
      await this.settle()
      this.post(Number.POSITIVE_INFINITY, 'delivered')
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }

  #newNode(): ClusterNode {
    this.#serial += 1
    return new ClusterNode({
      name: `n${this.#serial}`,
      redis: this.redis,
      policy,
      acceptMs,
      deliver: (effect, to) => this.#deliver(effect, to),
      attached: (name) => this.#attachedTo(name),
    })
  }

  #deliver(effect: RoomEffect, to: ConnectionId): void {
    const visitor = this.visitors.find(({ connection }) => connection === to)
    if (visitor === undefined) return
    if (effect.type === 'welcome' || effect.type === 'resume') {
      visitor.storeOfClaims = this.redis.identity
    }
    if (!visitor.hear(effect)) return
    if (effect.type === 'refuse') visitor.disconnect()
    else this.#gone(visitor, 'lost')
  }

  #attachedTo(name: string): readonly Attachment[] {
    return this.visitors.flatMap(({ connection, view, joiningAs, claims }) => {
      const peer = view?.self ?? joiningAs ?? claims?.id
      if (connection === null || peer === undefined || nodeOf(connection) !== name) return []
      return [{ room, connection, peer, isMember: view !== null }]
    })
  }

  #connect(visitor: Visitor, index: number): ConnectionId {
    const connection = this.#nodeAt(index).newConnection()
    visitor.connect(connection, index)
    return connection
  }

  #gone(visitor: Visitor, type: 'lost' | 'leave'): void {
    const { connection, node, view, joiningAs, claims } = visitor
    const id = view?.self ?? joiningAs ?? claims?.id
    visitor.disconnect()
    if (connection === null || node === null || id === undefined) return
    this.#dispatch(node, { type, connection, id }, false)
  }

  #dispatch(index: number, input: RoomInput, mayOpen: boolean): void {
    this.#nodeAt(index).rooms.dispatch(room, { input, mayOpen })
  }

  #nodeAt(index: number): ClusterNode {
    const node = this.nodes[index]
    if (node === undefined) throw new Error(`There is no node ${index}.`)
    return node
  }
}

const patienceMs = 2_000

const self = { presence: null, canHost: true, priority: 0 }

function demand(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(`It does not hold that ${sentence}.`)
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
