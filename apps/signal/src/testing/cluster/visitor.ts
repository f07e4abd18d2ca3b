import type { ConnectionId, Member, PeerId, RoomMessage } from '@skein/protocol'
import type { ResumeClaims, RoomEffect } from '@skein/protocol/room'

type Welcome = Extract<RoomEffect, { type: 'welcome' }>

/** The state of the room as a visitor knows it, from its last welcome and later messages. */
export interface View {
  readonly self: PeerId
  readonly epoch: number
  revision: number
  term: number
  host: PeerId | null
  readonly members: Map<PeerId, Member>
}

/** Records every host term that any visitor saw, and checks that each has one host. */
export class HostTerms {
  readonly violations: string[] = []
  readonly #hosts = new Map<string, PeerId | null>()

  record({ epoch, term, host }: Pick<View, 'epoch' | 'term' | 'host'>): void {
    const key = `${epoch}/${term}`
    const known = this.#hosts.get(key)
    if (known !== undefined && known !== host) {
      this.violations.push(`host term ${key} has one host, not ${known} and ${host}`)
    }
    this.#hosts.set(key, host)
  }
}

/** A client that follows PROTOCOL.md: it applies messages in order and reconnects after a gap. */
export class Visitor {
  readonly #terms: HostTerms
  connection: ConnectionId | null = null
  node: number | null = null
  view: View | null = null
  claims: ResumeClaims | null = null
  /** The token of its last resume: the page before holds none that is later. */
  presented: ResumeClaims | null = null
  /** The identity of the store when `claims` were issued. */
  storeOfClaims = ''
  /** The id of the pending join; `null` once welcomed. */
  joiningAs: PeerId | null = null
  #highest: readonly [number, number] = [0, 0]

  constructor(terms: HostTerms) {
    this.#terms = terms
  }

  connect(connection: ConnectionId, node: number): void {
    this.connection = connection
    this.node = node
    this.view = null
  }

  /** Whether `claims` were issued after its last resume. */
  get hasFreshClaims(): boolean {
    const { claims, presented } = this
    if (claims === null || presented === null || claims.id !== presented.id) return claims !== null
    return claims.epoch !== presented.epoch || claims.tokenSerial > presented.tokenSerial
  }

  disconnect(): void {
    this.connection = null
    this.node = null
    this.view = null
    this.joiningAs = null
  }

  /** Drops the highest term seen: a term that no node and no store remembers may be lost. */
  forgetTerms(): void {
    this.#highest = [0, 0]
  }

  /** Applies an effect; true when the visitor is done with this connection. */
  receive(effect: RoomEffect): boolean {
    switch (effect.type) {
      case 'welcome':
        this.#applyWelcome(effect)
        return false
      case 'resume':
        this.claims = effect.claims
        return false
      case 'refuse':
        if (effect.message.code === 'resume-rejected') this.claims = null
        return true
      case 'close':
        return true
      case 'send':
        return 'revision' in effect.message && this.#apply(effect.message)
    }
  }

  #applyWelcome({ message, claims }: Welcome): void {
    this.joiningAs = null
    this.claims = claims
    this.view = {
      self: message.self.id,
      epoch: message.epoch,
      revision: message.revision,
      term: message.term,
      host: message.host,
      members: new Map([message.self, ...message.peers].map((each) => [each.id, each])),
    }
    this.#recordTerm()
  }

  /** Applies a message; true when there is a gap before it. */
  #apply(message: RoomMessage): boolean {
    const { view } = this
    if (view === null) {
      this.#terms.violations.push('the first message is a welcome')
      return true
    }
    if (message.revision <= view.revision) return false
    if (message.revision > view.revision + 1) return true
    view.revision = message.revision
    if (message.type === 'peer-left') view.members.delete(message.id)
    else if (message.type !== 'host') view.members.set(message.peer.id, message.peer)
    else {
      view.term = message.term
      view.host = message.host
      this.#recordTerm()
    }
    return false
  }

  #recordTerm(): void {
    if (this.view === null) return
    const { epoch, term } = this.view
    const [highestEpoch, highestTerm] = this.#highest
    if (epoch < highestEpoch || (epoch === highestEpoch && term < highestTerm)) {
      const before = this.#highest.join('/')
      this.#terms.violations.push(`host terms never go back: ${epoch}/${term} after ${before}`)
    }
    this.#highest = [epoch, term]
    this.#terms.record(this.view)
  }
}
