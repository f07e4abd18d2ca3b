import type { ConnectionId, Member, PeerId, RoomMessage } from '@skein/protocol'
import type { ResumeClaims, RoomEffect } from '@skein/protocol/room'

type Welcome = Extract<RoomEffect, { type: 'welcome' }>

/** What a visitor believes, from the last welcome and what came since. */
export interface View {
  readonly self: PeerId
  readonly epoch: number
  revision: number
  term: number
  host: PeerId | null
  readonly members: Map<PeerId, Member>
}

/** Which reigns were seen by anybody, and what was wrong with them. */
export class Reigns {
  readonly troubles: string[] = []
  readonly #hosts = new Map<string, PeerId | null>()

  see({ epoch, term, host }: Pick<View, 'epoch' | 'term' | 'host'>): void {
    const key = `${epoch}/${term}`
    const known = this.#hosts.get(key)
    if (known !== undefined && known !== host) {
      this.troubles.push(`reign ${key} has one host, not ${known} and ${host}`)
    }
    this.#hosts.set(key, host)
  }
}

/** A client by the rules of PROTOCOL.md: replays messages, connects anew at a gap. */
export class Visitor {
  readonly #reigns: Reigns
  connection: ConnectionId | null = null
  node: number | null = null
  view: View | null = null
  claims: ResumeClaims | null = null
  /** In which life of the store they were written. */
  storeOfClaims = ''
  /** The id it joins with, until it is welcomed. */
  joiningAs: PeerId | null = null
  #highest: readonly [number, number] = [0, 0]

  constructor(reigns: Reigns) {
    this.#reigns = reigns
  }

  connect(connection: ConnectionId, node: number): void {
    this.connection = connection
    this.node = node
    this.view = null
  }

  disconnect(): void {
    this.connection = null
    this.node = null
    this.view = null
    this.joiningAs = null
  }

  /** It may know more than all who are left: a reign that nobody remembers is none. */
  forgetReigns(): void {
    this.#highest = [0, 0]
  }

  /** True: it is done with this connection. */
  hear(effect: RoomEffect): boolean {
    switch (effect.type) {
      case 'welcome':
        this.#welcomed(effect)
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
        return 'revision' in effect.message && this.#told(effect.message)
    }
  }

  #welcomed({ message, claims }: Welcome): void {
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
    this.#see()
  }

  /** True at a gap. */
  #told(message: RoomMessage): boolean {
    const { view } = this
    if (view === null) {
      this.#reigns.troubles.push('nothing comes before the welcome')
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
      this.#see()
    }
    return false
  }

  #see(): void {
    if (this.view === null) return
    const { epoch, term } = this.view
    const [highestEpoch, highestTerm] = this.#highest
    if (epoch < highestEpoch || (epoch === highestEpoch && term < highestTerm)) {
      const before = this.#highest.join('/')
      this.#reigns.troubles.push(`reigns never fall: ${epoch}/${term} after ${before}`)
    }
    this.#highest = [epoch, term]
    this.#reigns.see(this.view)
  }
}
