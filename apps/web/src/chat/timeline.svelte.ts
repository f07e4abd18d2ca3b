import { codeOf } from '../lib/failure.ts'
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
import type { Entry, Message, RoomEvent } from './entries.ts'
import { FloodFilter } from './flood.ts'
import { addRoomNotices } from './room-notices.ts'
import { readChat } from './wire.ts'

/** Beyond this the oldest entries are dropped. */
const maxEntries = 2_000

/** The messages and events since joining, in order. */
export class Timeline {
  #entries = $state.raw<readonly Entry[]>([])
  /** Called for every message, own and received. */
  onmessage: ((message: Message) => void) | null = null
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

  get messages(): readonly Message[] {
    return this.#entries.filter((entry) => entry.kind === 'message')
  }

  /** The own messages that nobody was there to receive. */
  readonly unheard: readonly Message[] = $derived(this.messages.filter((each) => each.isUnheard))

  readonly attach: Attach = (room, signal) => {
    this.#room = room
    this.#chat = room.channel('chat')
    this.#chat.on('message', ({ data, from }) => this.#receive(data, from), { signal })
    const nameOfPeer = (peer: Peer) => this.#nameOf(peer)
    addRoomNotices({ room, signal, nameOf: nameOfPeer, add: (event) => this.#addNotice(event) })
    room.on('peerleave', ({ peer }) => this.#flood.forget(peer.id), { signal })
    // Names that are numbered now are told so when their owners leave.
    for (const peer of room.peers.values()) this.#nameOf(peer)
  }

  /** Puts messages that were kept before those of this page. */
  restore(messages: readonly Message[]): void {
    for (const { key } of messages) this.#seen.add(key)
    const known = new Set(this.#entries.map(({ key }) => key))
    const missing = messages.filter(({ key }) => !known.has(key))
    this.#entries = [...missing, ...this.#entries].slice(-maxEntries)
  }

  /** Sends `text` to everyone. It appears immediately. */
  async send(text: string): Promise<void> {
    const room = this.#room
    if (room === null) return
    const message: Message = {
      ...{ kind: 'message', key: randomId(), at: new Date(), text },
      ...this.#author(room.self, true),
    }
    this.#add(message)
    await this.#deliver(message)
  }

  /** Sends a message again that failed, or that nobody was there to hear. */
  async retry(message: Message): Promise<void> {
    this.#change(message.key, { failure: null, isSending: true, isUnheard: false })
    await this.#deliver(message)
  }

  /** Sends everything that nobody has heard, in order. */
  sendUnheard(): void {
    for (const message of this.unheard) void this.retry(message)
  }

  async #deliver(message: Message): Promise<void> {
    const { key: id, text } = message
    this.onmessage?.(message)
    try {
      const outcome = await this.#chat?.send({ id, text })
      // Those that have it ignore it when it is sent again.
      const [failure = null] = outcome?.failed.values() ?? []
      const isUnheard = failure === null && outcome?.reached.length === 0
      this.#change(id, { isSending: false, failure, isUnheard })
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
    const message: Message = {
      ...{ kind: 'message', key, at: new Date(), text: chat.text },
      ...this.#author(peer, false),
    }
    // Before it is shown: whether it is unread depends on what was.
    this.onmessage?.(message)
    this.#add(message)
  }

  #author(peer: Peer, isMine: boolean) {
    return {
      from: peer.id,
      name: this.#nameOf(peer),
      colour: colourOf(peer),
      isMine,
      failure: null,
      isSending: isMine,
      isUnheard: false,
    }
  }

  /** The name in the list of people, where duplicate names are numbered. */
  #nameOf(peer: Peer): string {
    const people = this.#room === null ? [] : peopleIn(snapshotOf(this.#room))
    for (const { id, name } of people) this.#names.set(id, name)
    return this.#names.get(peer.id) ?? nameOf(peer)
  }

  #addNotice(event: RoomEvent): void {
    this.#count += 1
    this.#add({ kind: 'notice', key: `notice ${this.#count}`, at: new Date(), event })
  }

  #add(entry: Entry): void {
    this.#entries = [...this.#entries, entry].slice(-maxEntries)
  }

  #change(
    key: string,
    change: Partial<Pick<Message, 'failure' | 'isSending' | 'isUnheard'>>,
  ): void {
    this.#entries = this.#entries.map((entry) =>
      entry.kind === 'message' && entry.key === key ? { ...entry, ...change } : entry,
    )
  }
}
