import type { ConnectionId, PeerId, Term } from '../src/ids.ts'
import type { Member, RoomMessage } from '../src/messages.ts'
import type { ResumeClaims, RoomEffect } from '../src/room/index.ts'
import { demand } from './demand.ts'

type Welcome = Extract<RoomEffect, { type: 'welcome' }>

/** What a client believes of the room, from its last welcome and what it heard since. */
interface View {
  readonly self: PeerId
  readonly epoch: number
  revision: number
  term: Term
  host: PeerId | null
  readonly members: Map<PeerId, Member>
}

/** A token as a client keeps it: what it says, and which life of the server wrote it. */
interface Token {
  readonly claims: ResumeClaims
  readonly boot: number
}

/** A client that knows the rules of PROTOCOL.md and nothing of the core. */
export class Client {
  /** By which it is a member. */
  connection: ConnectionId | null = null
  /** By which it has sent a join or a resume and waits for the answer. */
  pending: ConnectionId | null = null
  /** Whether it waits as a newcomer. */
  isJoining = false
  /** Connections it gave up or lost: what arrives by them is stale. */
  readonly formerConnections: ConnectionId[] = []
  view: View | null = null
  /** The newest last; one of each serial number. */
  tokens: Token[] = []
  private highestReign: readonly [epoch: number, term: Term] = [0, 0]

  open(connection: ConnectionId, { isJoining }: { readonly isJoining: boolean }): void {
    if (this.pending !== null) this.formerConnections.push(this.pending)
    this.pending = connection
    this.isJoining = isJoining
  }

  closed(connection: ConnectionId): void {
    if (connection === this.pending) this.pending = null
    if (connection !== this.connection) return
    this.formerConnections.push(connection)
    this.connection = null
    this.view = null
  }

  /** Nothing is waited for any more. */
  settle(): void {
    this.pending = null
    this.isJoining = false
  }

  disconnect(): void {
    for (const connection of [this.connection, this.pending]) {
      if (connection !== null) this.formerConnections.push(connection)
    }
    this.connection = null
    this.view = null
    this.settle()
  }

  welcomed({ to, message, claims }: Welcome, boot: number): void {
    const isUnasked = to === this.connection
    demand(isUnasked || to === this.pending, 'a client gets one welcome for each join or resume')
    demand(claims.id === message.self.id, 'the token of a welcome is its own')
    if (!isUnasked) {
      this.settle()
      this.disconnect()
    }
    this.connection = to
    this.view = viewOf(message)
    if (!message.resumed) this.tokens = []
    this.keep({ claims, boot })
    this.observe(message.epoch, message.term)
  }

  heard(message: RoomMessage): void {
    const { view } = this
    demand(view !== null, 'nothing comes before the welcome')
    demand(message.revision === view.revision + 1, 'revisions have no gaps')
    view.revision = message.revision
    switch (message.type) {
      case 'peer-joined':
        demand(!view.members.has(message.peer.id), 'a peer joins once')
        view.members.set(message.peer.id, message.peer)
        break
      case 'peer-updated':
        demand(view.members.has(message.peer.id), 'only a member is updated')
        view.members.set(message.peer.id, message.peer)
        break
      case 'peer-left':
        demand(view.members.delete(message.id), 'only a member leaves')
        break
      case 'host':
        demand(message.previous === view.host, 'the host before is the one that was known')
        demand(message.term > view.term, 'the term rises at each change of host')
        view.term = message.term
        view.host = message.host
        this.observe(view.epoch, message.term)
        break
    }
  }

  keep(token: Token): void {
    const last = this.tokens.at(-1)
    if (last?.claims.tokenSerial === token.claims.tokenSerial) this.tokens.pop()
    this.tokens.push(token)
  }

  /** The server came back without those who knew of the last reigns: PROTOCOL.md says when. */
  forgetReignsAfter(epoch: number, term: Term): void {
    if (isAfter(this.highestReign, [epoch, term])) this.highestReign = [epoch, term]
  }

  private observe(epoch: number, term: Term): void {
    const falls = isAfter(this.highestReign, [epoch, term])
    demand(!falls, `reigns never fall: (${epoch}, ${term}) after (${this.highestReign})`)
    this.highestReign = [epoch, term]
  }
}

const viewOf = (message: Welcome['message']): View => ({
  self: message.self.id,
  epoch: message.epoch,
  revision: message.revision,
  term: message.term,
  host: message.host,
  members: new Map([message.self, ...message.peers].map((member) => [member.id, member])),
})

type Reign = readonly [epoch: number, term: Term]

export const isAfter = ([epoch, term]: Reign, [otherEpoch, otherTerm]: Reign): boolean =>
  epoch > otherEpoch || (epoch === otherEpoch && term > otherTerm)
