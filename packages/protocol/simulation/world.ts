import { isDeepStrictEqual } from 'node:util'
import { type ConnectionId, connectionId, type Millis, type PeerId, peerId } from '../src/ids.ts'
import type { Member } from '../src/messages.ts'
import type { Identity, Room, RoomEffect, RoomInput, RoomMember } from '../src/room/index.ts'
import { clientCount } from './actions.ts'
import { assertInvariant } from './assert-invariant.ts'
import { checkRebuild, returningOf, seenIn } from './check-resume.ts'
import { Client, isAfter } from './client.ts'
import { Server } from './server.ts'
import type { Transition } from './transition.ts'

/** A server with one room, its clients, and a clock. */
export class World {
  now: Millis = 1_000_000
  steps = 0
  readonly server: Server = new Server(this.now)
  readonly clients: readonly Client[] = Array.from({ length: clientCount }, () => new Client())
  private serial = 0
  private lostNodes = 0
  private readonly hostTerms = new Map<string, HostTerm>()
  private hasLostTerms = false

  /** Passes an input to the server and the effects to the clients, after everything that is due. */
  dispatch(input: RoomInput, tokenBoot: number | null = null): Transition | null {
    this.steps += 1
    const transitions = this.server.dispatch({ input, now: this.now, tokenBoot })
    for (const transition of transitions ?? []) {
      if (endsRecovery(transition)) this.checkRecovery(transition)
      for (const effect of transition.effects) this.deliver(effect)
      this.recordHostTerm(transition.after)
      this.checkViews(transition.after)
    }
    return transitions?.at(-1) ?? null
  }

  /** Restarts the server: it loses the room, but can still verify tokens. */
  restart(): void {
    this.server.restart(this.now)
    for (const client of this.clients) client.disconnect()
  }

  /** Two clients share a `sub` that may have one member, a third has a `sub`, the others none. */
  identityOf(client: Client): Identity | null {
    return identities[this.clients.indexOf(client)] ?? null
  }

  /** All clients are on one node; it dies, and later connections are on another one. */
  loseNode(): void {
    const node = `node-${this.lostNodes}`
    this.lostNodes += 1
    // The clients still get what was due before, but no message about the loss itself.
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
        for (const to of effect.to) this.receive(to, effect)
        break
      case 'welcome':
        this.welcomeRecipient(effect.to).receiveWelcome(effect, this.server.boot)
        break
      case 'resume':
        this.clientOf(effect.to).storeToken({ claims: effect.claims, boot: this.server.boot })
        break
      case 'refuse':
        this.pendingClientOf(effect.to).clearPending()
        break
      case 'close':
        for (const client of this.clients) client.closed(effect.connection)
        break
    }
  }

  private receive(to: ConnectionId, { message }: Extract<RoomEffect, { type: 'send' }>): void {
    if (message.type === 'signal' || message.type === 'error') return
    this.clientOf(to).receive(message)
  }

  private clientOf(connection: ConnectionId): Client {
    const client = this.clients.find((each) => each.connection === connection)
    assertInvariant(client !== undefined, 'messages to members go to their current connections')
    return client
  }

  /** A welcome goes to a pending connection or, at any time, to a member. */
  private welcomeRecipient(connection: ConnectionId): Client {
    const member = this.clients.find((each) => each.connection === connection)
    return member ?? this.pendingClientOf(connection)
  }

  private pendingClientOf(connection: ConnectionId): Client {
    const client = this.clients.find((each) => each.pending === connection)
    assertInvariant(client !== undefined, 'a reply goes to a pending connection')
    return client
  }

  /**
   * After a restart the server knows only what the tokens of the returning members say. Host terms
   * that none of them has seen are lost. No returning member has seen more than the server now knows.
   */
  private checkRecovery(transition: Transition): void {
    checkRebuild(transition)
    const returned = returningOf(transition)
    if (returned.length === 0) return
    const seen = seenIn(transition)
    const { epoch } = transition.after
    const term = Math.max(...seen.map((claims) => claims.term))
    this.acceptReportedTerm({
      epoch,
      term,
      hosts: seen.filter((claims) => claims.term === term).map(({ host }) => host),
    })
    const connections = new Set(returned.map(({ connection }) => connection))
    for (const client of this.clients) {
      if (client.pending !== null && connections.has(client.pending)) continue
      client.forgetHostTermsAfter(epoch, term)
    }
    for (const [key, hostTerm] of this.hostTerms) {
      if (!isAfter([hostTerm.epoch, hostTerm.term], [epoch, term])) continue
      this.hostTerms.delete(key)
      this.hasLostTerms = true
    }
  }

  /**
   * A lost term may have been used again, with another host. If members that saw the first one
   * return after another restart, the first one counts.
   */
  private acceptReportedTerm({ epoch, term, hosts }: ReportedTerm): void {
    const key = `${epoch}.${term}`
    const known = this.hostTerms.get(key)
    if (this.hasLostTerms && known !== undefined && !hosts.includes(known.host)) {
      this.hostTerms.delete(key)
    }
  }

  /** At most one host for each epoch and term (1). */
  private recordHostTerm({ epoch, term, host, recovery, members }: Room): void {
    if (recovery !== null || members.length === 0) return
    const key = `${epoch}.${term}`
    const known = this.hostTerms.get(key)
    assertInvariant(known === undefined || known.host === host, 'each epoch and term has one host')
    this.hostTerms.set(key, { epoch, term, host })
  }

  /** The view of every online member equals the room (5). */
  private checkViews(room: Room): void {
    const members = room.members.map(publicMember)
    for (const { connection, id } of room.members) {
      if (connection === null) continue
      const { view } = this.clientOf(connection)
      assertInvariant(view !== null && view.self === id, 'every online member has had a welcome')
      assertInvariant(
        view.epoch === room.epoch && view.term === room.term,
        'every view has the current host term',
      )
      assertInvariant(view.host === room.host, 'every view has the current host')
      assertInvariant(view.revision === room.revision, 'every view has the current revision')
      const seen = [...view.members.values()].sort(byJoinOrder)
      assertInvariant(isDeepStrictEqual(seen, members), 'every view has the current members')
    }
  }
}

const single: Identity = { sub: 'single', isSingle: true }
const shared: Identity = { sub: 'shared', isSingle: false }
const identities: readonly (Identity | null)[] = [null, null, null, shared, single, single]

interface HostTerm {
  readonly epoch: number
  readonly term: number
  readonly host: PeerId | null
}

interface ReportedTerm {
  readonly epoch: number
  readonly term: number
  /** The hosts in the newest tokens; more than one if the tokens are of different histories. */
  readonly hosts: readonly (PeerId | null)[]
}

const endsRecovery = ({ before, after }: Transition): boolean =>
  before.recovery !== null && after.recovery === null

/** Members of two histories can have the same join order; then the id decides. */
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
