import { type Channel, type JoinOptions, joinRoom, type Peer, type Room } from '@skein/sdk'
import type { Identity, LinkLog, MemberEvent, MemberLog, PathSample } from './member-log.ts'
import { everyTick } from './tick.ts'
import { madeAt, readActualPath, WatchedConnection } from './watched-connection.ts'

export interface MemberOptions extends JoinOptions {
  /** The side and the number of the tab: `A`, `B2`. */
  readonly name: string
  /** How often a number is sent to each peer. */
  readonly everyMs: number
  /** Otherwise only the last arrival is kept, so that the record does not grow. */
  readonly isRecorded: boolean
}

export interface ReadPath {
  readonly said: string | null
  readonly actual: string | null
}

type Numbered = { readonly number: number; readonly sentAt: number; readonly name: string }

type Mutable<Value> = {
  -readonly [Key in keyof Value]: Value[Key] extends readonly (infer One)[] ? One[] : Value[Key]
}

type MutableLinkLog = Mutable<LinkLog>

/** How often the path that a link names is compared with that of getStats. */
const pathEveryMs = 500

/**
 * A member that sends numbers to each peer all the time, on a channel that is reliable and ordered,
 * and records what it sees.
 */
export class Member {
  readonly room: Room
  readonly #links = new Map<string, MutableLinkLog>()
  readonly #pending = new Map<string, Set<number>>()
  readonly #events: MemberEvent[] = []
  readonly #channel: Channel<Numbered>
  readonly #stop: () => void
  readonly #end = new AbortController()
  readonly #isRecorded: boolean
  readonly #everyMs: number
  #pathReadAt = 0

  private constructor(room: Room, { everyMs, name, isRecorded }: MemberOptions) {
    this.room = room
    this.#isRecorded = isRecorded
    this.#everyMs = everyMs
    this.#channel = room.channel<Numbered>('numbers')
    this.#channel.on('message', ({ data }) => {
      const { received } = this.#linkTo(data.name)
      if (!isRecorded) received.length = 0
      received.push([data.number, data.sentAt, Date.now()])
    })
    if (isRecorded) {
      this.#recordEvents()
      this.#recordPage()
    }
    for (const peer of room.peers.values()) this.#recordState(peer, peer.link)
    this.#stop = everyTick(everyMs, () => this.#tick(name))
  }

  static async join(options: MemberOptions): Promise<Member> {
    const { name, everyMs: _, isRecorded: __, ...others } = options
    const room = await joinRoom({
      ...others,
      presence: { name },
      RTCPeerConnection: WatchedConnection,
    })
    return new Member(room, options)
  }

  get identity(): Identity {
    const { self, host, term, epoch, status } = this.room
    return { id: self.id, host, term, epoch, status }
  }

  /** Whether the link to each of these peers is open and its numbers arrive. */
  isFlowing(names: readonly string[]): boolean {
    return names.every((name) => {
      const last = this.#links.get(name)?.received.at(-1)
      return (
        this.#isOpen(name) && last !== undefined && Date.now() - last[2] < freshMs + this.#everyMs
      )
    })
  }

  /** When the first number arrived that was sent since then, less than 0.4 s before. */
  freshAt(name: string, since: number): number | null {
    const { received } = this.#linkTo(name)
    return received.find(([, sentAt, at]) => sentAt >= since && at - sentAt < freshMs)?.[2] ?? null
  }

  /** Whether the last number from each of these peers was sent after that time. */
  hasNewFrom(names: readonly string[], since: number): boolean {
    return names.every((name) => (this.#links.get(name)?.received.at(-1)?.[1] ?? 0) > since)
  }

  hasPeer(name: string): boolean {
    return [...this.room.peers.values()].some((peer) => nameOf(peer) === name)
  }

  /** The path that the link to a peer names, and the one that getStats shows in a room of two. */
  async readPath(name: string): Promise<ReadPath> {
    const peers = [...this.room.peers.values()]
    const actual = peers.length === 1 ? await readActualPath() : null
    return { said: peers.find((peer) => nameOf(peer) === name)?.link?.path ?? null, actual }
  }

  stopSending(): void {
    this.#stop()
  }

  async leave(): Promise<void> {
    this.#stop()
    this.#end.abort()
    await this.room.leave()
  }

  log(): MemberLog {
    const links = [...this.#links].map(([name, link]): [string, LinkLog] => [
      name,
      { ...link, pending: [...(this.#pending.get(name) ?? [])] },
    ])
    return { links: Object.fromEntries(links), events: this.#events, connections: [...madeAt] }
  }

  #isOpen(name: string): boolean {
    return [...this.room.peers.values()].some(
      (peer) => nameOf(peer) === name && peer.link?.state === 'open',
    )
  }

  #linkTo(name: string): MutableLinkLog {
    const link = this.#links.get(name) ?? {
      received: [],
      sent: 0,
      refused: [],
      pending: [],
      states: [],
      paths: [],
    }
    this.#links.set(name, link)
    return link
  }

  #tick(ownName: string): void {
    for (const peer of this.room.peers.values()) this.#send(peer, ownName)
    if (!this.#isRecorded || this.room.peers.size !== 1) return
    if (Date.now() - this.#pathReadAt < pathEveryMs) return
    this.#pathReadAt = Date.now()
    void this.#samplePath()
  }

  #send(peer: Peer, ownName: string): void {
    const name = nameOf(peer)
    const link = this.#linkTo(name)
    const pending = this.#pending.get(name) ?? new Set()
    this.#pending.set(name, pending)
    if (!this.#isRecorded) link.refused.length = 0
    const number = ++link.sent
    pending.add(number)
    this.#channel
      .send({ number, sentAt: Date.now(), name: ownName }, { to: peer.id })
      .catch((error: unknown) => link.refused.push([number, Date.now(), codeOf(error)]))
      .finally(() => pending.delete(number))
  }

  async #samplePath(): Promise<void> {
    const [peer] = this.room.peers.values()
    if (!peer) return
    const { said, actual } = await this.readPath(nameOf(peer))
    const sample: PathSample = [Date.now(), said, actual]
    this.#linkTo(nameOf(peer)).paths.push(sample)
  }

  #recordState(peer: Peer, link: Peer['link']): void {
    this.#linkTo(nameOf(peer)).states.push([Date.now(), link?.state ?? 'none', link?.path ?? null])
  }

  #note(type: string, detail: string): void {
    this.#events.push([Date.now(), type, detail])
  }

  /** What the page was told by the browser. */
  #recordPage(): void {
    const { signal } = this.#end
    for (const type of ['online', 'offline'] as const) {
      addEventListener(type, () => this.#note('browser', type), { signal })
    }
    for (const type of ['freeze', 'resume', 'visibilitychange']) {
      const note = () => this.#note(type, document.visibilityState)
      document.addEventListener(type, note, { signal })
    }
  }

  #recordEvents(): void {
    const { room } = this
    const note = (type: string, detail: string): void => this.#note(type, detail)
    room.on('linkchange', ({ peer, link }) => this.#recordState(peer, link))
    room.on('statuschange', ({ status }) => note('status', status))
    room.on('hostchange', ({ host, term, reason }) => note('host', `${host} ${term} ${reason}`))
    room.on('peerjoin', ({ peer }) => {
      note('peerjoin', nameOf(peer))
      this.#recordState(peer, peer.link)
    })
    room.on('peerleave', ({ peer, reason }) => note('peerleave', `${nameOf(peer)} ${reason}`))
    room.on('peerupdate', ({ peer, previous }) => {
      if (peer.online !== previous.online) note(peer.online ? 'online' : 'offline', nameOf(peer))
    })
    room.on('undelivered', ({ peer, count }) => note('undelivered', `${nameOf(peer)} ${count}`))
    room.on('error', ({ error }) => note('error', error.code))
  }
}

/** A message is fresh for so long. */
const freshMs = 400

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

const nameOf = ({ presence, id }: Peer): string =>
  typeof presence === 'object' && presence !== null && 'name' in presence
    ? String(presence.name)
    : id
