import type { ConnectionId, PeerId, Term } from '../src/ids.ts'
import type { Member, RoomMessage } from '../src/messages.ts'
import type { ResumeClaims, RoomEffect } from '../src/room/index.ts'
import { assertInvariant } from './assert-invariant.ts'

type Welcome = Extract<RoomEffect, { type: 'welcome' }>

/** The room as a client knows it from its last welcome and the messages since. */
interface View {
  readonly self: PeerId
  readonly epoch: number
  revision: number
  term: Term
  host: PeerId | null
  readonly members: Map<PeerId, Member>
}

/** A resume token as a client stores it, and the boot of the server that issued it. */
interface Token {
  readonly claims: ResumeClaims
  readonly boot: number
}

/** A client that follows PROTOCOL.md and knows nothing of the room core. */
export class Client {
  /** The connection of its membership. */
  connection: ConnectionId | null = null
  /** The connection on which it has sent a join or a resume and has no reply yet. */
  pending: ConnectionId | null = null
  /** Whether the pending connection joins as a new member. */
  isJoining = false
  /** Connections that it closed or lost: messages on them are stale. */
  readonly formerConnections: ConnectionId[] = []
  view: View | null = null
  /** Oldest first; one for each serial number. */
  tokens: Token[] = []
  private highestHostTerm: HostTerm = [0, 0]

  open(connection: ConnectionId, { isJoining }: { readonly isJoining: boolean }): void {
    if (this.pending !== null) this.formerConnections.push(this.pending)
    this.pending = connection
    this.isJoining = isJoining
  }

  /** The server closed a connection. */
  closed(connection: ConnectionId): void {
    if (connection === this.pending) this.pending = null
    if (connection !== this.connection) return
    this.formerConnections.push(connection)
    this.connection = null
    this.view = null
  }

  /** The pending join or resume has its reply. */
  clearPending(): void {
    this.pending = null
    this.isJoining = false
  }

  disconnect(): void {
    for (const connection of [this.connection, this.pending]) {
      if (connection !== null) this.formerConnections.push(connection)
    }
    this.connection = null
    this.view = null
    this.clearPending()
  }

  receiveWelcome({ to, message, claims }: Welcome, boot: number): void {
    const isResync = to === this.connection
    assertInvariant(
      isResync || to === this.pending,
      'a client gets one welcome for each join or resume',
    )
    assertInvariant(claims.id === message.self.id, 'the token of a welcome is for its recipient')
    if (!isResync) {
      this.clearPending()
      this.disconnect()
    }
    this.connection = to
    this.view = viewOf(message)
    if (!message.resumed) this.tokens = []
    this.storeToken({ claims, boot })
    this.observeHostTerm(message.epoch, message.term)
  }

  receive(message: RoomMessage): void {
    const { view } = this
    assertInvariant(view !== null, 'the welcome is the first message')
    assertInvariant(message.revision === view.revision + 1, 'revisions have no gaps')
    view.revision = message.revision
    switch (message.type) {
      case 'peer-joined':
        assertInvariant(!view.members.has(message.peer.id), 'a peer joins only once')
        view.members.set(message.peer.id, message.peer)
        break
      case 'peer-updated':
        assertInvariant(view.members.has(message.peer.id), 'only a member is updated')
        view.members.set(message.peer.id, message.peer)
        break
      case 'peer-left':
        assertInvariant(view.members.delete(message.id), 'only a member leaves')
        break
      case 'host':
        assertInvariant(message.previous === view.host, 'the previous host is the known host')
        assertInvariant(message.term > view.term, 'the term rises with each change of host')
        view.term = message.term
        view.host = message.host
        this.observeHostTerm(view.epoch, message.term)
        break
    }
  }

  storeToken(token: Token): void {
    const last = this.tokens.at(-1)
    if (last?.claims.tokenSerial === token.claims.tokenSerial) this.tokens.pop()
    this.tokens.push(token)
  }

  /** A restarted server may not know the last host terms: PROTOCOL.md says when. */
  forgetHostTermsAfter(epoch: number, term: Term): void {
    if (isAfter(this.highestHostTerm, [epoch, term])) this.highestHostTerm = [epoch, term]
  }

  private observeHostTerm(epoch: number, term: Term): void {
    const goesBack = isAfter(this.highestHostTerm, [epoch, term])
    assertInvariant(
      !goesBack,
      `host terms never go back: (${epoch}, ${term}) after (${this.highestHostTerm})`,
    )
    this.highestHostTerm = [epoch, term]
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

type HostTerm = readonly [epoch: number, term: Term]

export const isAfter = ([epoch, term]: HostTerm, [otherEpoch, otherTerm]: HostTerm): boolean =>
  epoch > otherEpoch || (epoch === otherEpoch && term > otherTerm)
