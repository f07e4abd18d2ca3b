import type { Dye } from '../lib/dyes.ts'
import { codeOf, type FailureCode } from '../lib/failure.ts'
import { colourOf, nameOf, peopleIn } from '../lib/people.ts'
import { randomId } from '../lib/random-id.ts'
import {
  type Attach,
  type Channel,
  type JsonValue,
  type Peer,
  type Room,
  snapshotOf,
} from '../lib/room.svelte.ts'
import { FloodFilter } from './flood.ts'
import { readChat } from './wire.ts'

/** An event in the room. It becomes text only when rendered, in the current language. */
export type RoomEvent =
  | { readonly type: 'welcome' | 'away' | 'back' }
  | { readonly type: 'joined' | 'left' | 'lost' | 'kicked' | 'flood'; readonly name: string }
  | {
      readonly type: 'host'
      readonly name: string | null
      readonly isMe: boolean
      readonly term: number
    }

export interface Notice {
  readonly kind: 'notice'
  readonly key: string
  readonly at: Date
  readonly event: RoomEvent
}

export interface Message {
  readonly kind: 'message'
  readonly key: string
  readonly at: Date
  readonly from: Peer['id']
  readonly name: string
  readonly colour: Dye
  readonly isMine: boolean
  readonly text: string
  /** `null` while it is being sent and once it has arrived. */
  readonly failure: FailureCode | null
  readonly isSending: boolean
}

export type Entry = Notice | Message

/** Beyond this the oldest entries are dropped. */
const maxEntries = 2_000

const leaveEvents = { left: 'left', timeout: 'lost', kicked: 'kicked' } as const

/** The messages and events since joining, in order. */
export class Timeline {
  #entries = $state.raw<readonly Entry[]>([])
  /** Called for every message, own and received. */
  onmessage: ((from: Peer['id'], isMine: boolean) => void) | null = null
  readonly #seen = new Set<string>()
  readonly #flood = new FloodFilter()
  /** Names as last shown. Notices also name people who have left. */
  readonly #names = new Map<Peer['id'], string>()
  #room: Room | null = null
  #chat: Channel<JsonValue> | null = null
  #count = 0

  get entries(): readonly Entry[] {
    return this.#entries
  }

  readonly attach: Attach = (room, signal) => {
    this.#room = room
    this.#chat = room.channel('chat')
    this.#chat.on('message', ({ data, from }) => this.#receive(data, from), { signal })
    this.#subscribe(room, signal)
    this.#addNotice({ type: 'welcome' })
    if (room.host !== null) this.#addHostNotice(room)
  }

  /** Sends `text` to everyone. It appears immediately. */
  async send(text: string): Promise<void> {
    const room = this.#room
    if (room === null) return
    const key = randomId()
    this.#add({ kind: 'message', key, at: new Date(), text, ...this.#author(room.self, true) })
    await this.#deliver(key, text)
  }

  /** Sends a failed message again. */
  async retry(message: Message): Promise<void> {
    this.#change(message.key, { failure: null, isSending: true })
    await this.#deliver(message.key, message.text)
  }

  async #deliver(id: string, text: string): Promise<void> {
    const from = this.#room?.self.id
    if (from !== undefined) this.onmessage?.(from, true)
    try {
      const outcome = await this.#chat?.send({ id, text })
      // Those that have it ignore it when it is sent again.
      const [failure = null] = outcome?.failed.values() ?? []
      this.#change(id, { isSending: false, failure })
    } catch (error) {
      this.#change(id, { isSending: false, failure: codeOf(error) })
    }
  }

  #receive(data: JsonValue, from: Peer['id']): void {
    const peer = this.#room?.peers.get(from)
    const chat = readChat(data)
    if (peer === undefined || chat === null) return
    // Senders choose their ids: two senders may use the same one.
    const key = `${from} ${chat.id}`
    if (this.#seen.has(key)) return
    const verdict = this.#flood.judge(from, performance.now())
    if (verdict === 'report') this.#addNotice({ type: 'flood', name: this.#nameOf(peer) })
    if (verdict !== 'show') return
    this.#seen.add(key)
    const author = this.#author(peer, false)
    this.#add({ kind: 'message', key, at: new Date(), text: chat.text, ...author })
    this.onmessage?.(from, false)
  }

  #author(peer: Peer, isMine: boolean) {
    const { id } = peer
    const colour = colourOf(peer)
    return { from: id, name: this.#nameOf(peer), colour, isMine, failure: null, isSending: isMine }
  }

  /** The name in the list of people, where duplicate names are numbered. */
  #nameOf(peer: Peer): string {
    const people = this.#room === null ? [] : peopleIn(snapshotOf(this.#room))
    for (const { id, name } of people) this.#names.set(id, name)
    return this.#names.get(peer.id) ?? nameOf(peer)
  }

  #subscribe(room: Room, signal: AbortSignal): void {
    room.on(
      'peerjoin',
      ({ peer }) => this.#addNotice({ type: 'joined', name: this.#nameOf(peer) }),
      {
        signal,
      },
    )
    room.on(
      'peerleave',
      ({ peer, reason }) => {
        this.#addNotice({ type: leaveEvents[reason], name: this.#nameOf(peer) })
        this.#flood.forget(peer.id)
      },
      { signal },
    )
    room.on('hostchange', () => this.#addHostNotice(room), { signal })
    room.on(
      'statuschange',
      ({ status, previous }) => {
        if (status === 'degraded') this.#addNotice({ type: 'away' })
        if (status === 'connected' && previous === 'degraded') this.#addNotice({ type: 'back' })
      },
      { signal },
    )
  }

  #addHostNotice(room: Room): void {
    const peer = room.isHost
      ? room.self
      : room.host === null
        ? undefined
        : room.peers.get(room.host)
    const name = peer === undefined ? null : this.#nameOf(peer)
    this.#addNotice({ type: 'host', name, isMe: room.isHost, term: room.term })
  }

  #addNotice(event: RoomEvent): void {
    this.#count += 1
    this.#add({ kind: 'notice', key: `notice ${this.#count}`, at: new Date(), event })
  }

  #add(entry: Entry): void {
    this.#entries = [...this.#entries, entry].slice(-maxEntries)
  }

  #change(key: string, change: Partial<Pick<Message, 'failure' | 'isSending'>>): void {
    this.#entries = this.#entries.map((entry) =>
      entry.kind === 'message' && entry.key === key ? { ...entry, ...change } : entry,
    )
  }
}
