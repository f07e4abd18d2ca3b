import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import type { ChannelOptions, JsonValue, SendOptions, SendOutcome } from '../api.ts'
import { readErrorCode, SkeinError } from '../base/errors.ts'
import type { HostTerm } from '../core/host-term.ts'
import type { Clock } from '../time/clock.ts'
import { throwIfAborted } from '../time/on-abort-or-timeout.ts'
import { channelCredit, costOf, linkCredit } from '../transport/credit.ts'
import type { Incoming } from '../transport/frame-receiver.ts'
import { firstLabel, maxChannels, muxLabel } from '../transport/label.ts'
import { type MemoryAccount, MemoryBudget } from '../transport/memory-budget.ts'
import type { Message } from '../transport/outgoing.ts'
import { encodePayload, isBlobKind, maxBinaryBytes, missingTypeOf } from '../transport/payload.ts'
import { PeerTransport, type PeerTransportOptions } from '../transport/peer-transport.ts'
import { Backlog, type Waiting } from './backlog.ts'
import { type Arrival, ChannelEnd, type Outcome } from './channel.ts'
import { checkTerm, type RoomView } from './check-term.ts'
import { sendToPeers } from './send-to-peers.ts'

export interface ChannelMuxOptions {
  readonly clock: Clock
  /** The largest message that this side accepts. */
  readonly maxMessageBytes: number
  readonly view: () => RoomView
  readonly error: (error: SkeinError) => void
  /** A peer said whether it needs the link. */
  readonly wanted: (peer: PeerId, isWanted: boolean) => void
  /** A message of this host term has arrived. */
  readonly heard: (hostTerm: HostTerm) => void
  /** A peer has reached the server. */
  readonly serverIsBack: () => void
  /** Sends a message to the host, following the role. */
  readonly toHost: (
    channel: ChannelEnd<unknown>,
    message: Message,
    options: SendOptions,
  ) => Promise<SendOutcome>
  /** `count` accepted messages may not have reached a peer whose link is closed for good. */
  readonly undelivered: (peer: PeerId, channel: string, count: number) => void
}

/**
 * Default timeout of a send, and a path that is so slow that a large message needs more: 1 Mbit/s. For
 * a send to the host it includes the time without one.
 */
const sendTimeoutMs = 30_000
const slowBytesPerMs = 128
/** How long leaving waits for what was sent, and how often it looks. */
const flushMs = 1_000
const flushCheckMs = 10
/** How many messages of an unknown host term are held per peer, of those without credit. */
const maxEarly = 32
/** Cost limit per peer for all channels that the application has not created; a message of any usual size fits. */
const maxUnopened = 2 * linkCredit
/** Cost limit per channel for the host's messages to itself. */
const maxOwnCost = 64 * 1024 * 1024

/** What all peers together may make this page hold, beyond four of the largest messages. */
const budgetBytes = 256 * 1024 * 1024

interface PeerEntry {
  readonly transport: PeerTransport
  readonly account: MemoryAccount
  /** Messages of a host term that is not known yet. */
  early: ReceivedMessage[]
  /** By label: messages for channels that the application has not created. */
  readonly unopened: Map<string, Backlog<ReceivedMessage & Waiting>>
}

interface ReceivedMessage {
  readonly incoming: Incoming
  readonly hasCredit: boolean
}

/** All channels of a room, and the peer transports that they share. */
export class ChannelMux {
  readonly #options: ChannelMuxOptions
  readonly #channels = new Map<string, ChannelEnd<unknown>>()
  readonly #entries = new Map<PeerId, PeerEntry>()
  readonly #memory: MemoryBudget
  /** Called when the host, the host term or a link changes, and when the mux closes. */
  readonly watchers: Set<(isClosed: boolean) => void> = new Set()
  #isClosed = false
  #hasReportedMissing = false
  /** Nothing more can be sent. */
  #isFlushing = false

  constructor(options: ChannelMuxOptions) {
    this.#options = options
    const largest = Math.min(options.maxMessageBytes, maxBinaryBytes)
    this.#memory = new MemoryBudget(budgetBytes + 4 * largest)
  }

  /** Returns or creates the channel with that label; throws `bad-argument` beyond the limit. */
  channel(label: string, options: ChannelOptions = {}): ChannelEnd<unknown> {
    const known = this.#channels.get(label)
    if (known) return known
    // The control channel counts towards the limit too.
    if (this.#channels.size > maxChannels - 2) {
      throw new SkeinError('bad-argument', { message: `more than ${maxChannels - 2} channels` })
    }
    const dropped = () => this.#reportDropped(label)
    const end = new ChannelEnd<unknown>({ label, options, dropped }, (...args) =>
      this.send(...args),
    )
    this.#channels.set(label, end)
    if (this.#isClosed) end.close()
    for (const [peer, { unopened }] of this.#entries) {
      const backlog = unopened.get(label)
      for (let next = backlog?.shift(); next; next = backlog?.shift()) this.#incoming(peer, next)
      unopened.delete(label)
    }
    return end
  }

  /** Creates the transport for a new link. */
  attach(
    peer: PeerId,
    options: Pick<PeerTransportOptions, 'random' | 'unreliable' | 'violated'>,
  ): PeerTransport {
    const { clock, maxMessageBytes } = this.#options
    const account = this.#memory.open(() => {
      entry.unopened.clear()
      transport.violated('too much unread data')
    })
    const transport: PeerTransport = new PeerTransport({
      ...options,
      clock,
      maxMessageBytes,
      held: (bytes) => this.#memory.hold(account, bytes),
      gap: (label, count) => this.sendControl(transport, ['gap', label, count]),
      message: (incoming, hasCredit) => {
        this.#reportMissing(incoming)
        this.#incoming(peer, { incoming, hasCredit })
      },
    })
    const entry: PeerEntry = { transport, account, early: [], unopened: new Map() }
    this.#entries.set(peer, entry)
    this.changed()
    return transport
  }

  /** The link is closed for good; pending sends reject with `code`. */
  detach(peer: PeerId, code: SkeinErrorCode): void {
    const entry = this.#entries.get(peer)
    if (!entry) return
    this.#memory.close(entry.account)
    this.#entries.delete(peer)
    const lost = entry.transport.close(code)
    for (const [label, count] of lost) {
      if (label >= firstLabel) this.#options.undelivered(peer, label, count)
    }
  }

  /** The host, the host term or a link has changed: early messages are routed again. */
  changed(): void {
    this.#retryEarly()
    for (const watcher of [...this.watchers]) watcher(false)
  }

  /**
   * Ends sending. Resolves when everything that was sent has arrived, or when that takes too long;
   * `null` if there is nothing to wait for.
   */
  flush(): Promise<void> | null {
    const { clock } = this.#options
    const endsAt = clock.now() + flushMs
    this.#isFlushing = true
    const isOver = () =>
      clock.now() >= endsAt ||
      [...this.#entries.values()].every(({ transport }) => transport.isFlushed)
    if (isOver()) return null
    return new Promise((resolve) => {
      const check = () => {
        if (isOver()) resolve()
        else clock.after(flushCheckMs, check)
      }
      check()
    })
  }

  close(): void {
    this.#isClosed = this.#isFlushing = true
    for (const peer of [...this.#entries.keys()]) this.detach(peer, 'closed')
    for (const watcher of [...this.watchers]) watcher(true)
    for (const channel of this.#channels.values()) channel.close()
  }

  /** Returns the outcome at once if all have accepted the message. */
  send(
    channel: ChannelEnd<unknown>,
    data: unknown,
    options: SendOptions,
  ): SendOutcome | Promise<SendOutcome> {
    const { clock, view, toHost } = this.#options
    const { to = 'all', ack = false, signal } = options
    const room = view()
    if (this.#isFlushing) throw new SkeinError('closed')
    throwIfAborted(signal)
    const { label, weight, frameChannel } = channel
    if (channel.options.hostOnly && room.host !== room.self) throw new SkeinError('not-host')
    const isForHost = to === 'host'
    const payload = encodePayload(data)
    const { timeoutMs = sendTimeoutMs + Math.floor(payload.size / slowBytesPerMs) } = options
    const message: Message = {
      ...payload,
      label,
      weight,
      frameChannel,
      hostTerm: room,
      isForHost,
      isForAll: to === 'all',
      keepsLatest: channel.options.keep === 'latest',
    }
    return isForHost
      ? toHost(channel, message, { ...options, timeoutMs })
      : sendToPeers({ clock, message, targets: this.#targets(to, room), ack, timeoutMs, signal })
  }

  #targets(
    to: Exclude<SendOptions['to'], 'host' | undefined>,
    { peers }: RoomView,
  ): Map<PeerId, PeerTransport | SkeinErrorCode> {
    const ids = to === 'all' ? [...peers.keys()] : [to].flat()
    const missing = (id: PeerId) => (peers.has(id) ? 'peer-unreachable' : 'peer-not-found')
    return new Map(ids.map((id) => [id, this.transport(id) ?? missing(id)]))
  }

  /** `null` if there is no link. */
  transport(peer: PeerId): PeerTransport | null {
    return this.#entries.get(peer)?.transport ?? null
  }

  /** Sends a control message to the peer's mux. */
  sendControl(transport: PeerTransport, data: JsonValue): void {
    const message = {
      ...encodePayload(data),
      label: muxLabel,
      weight: 16,
      isForHost: false,
      isForAll: false,
      keepsLatest: false,
      frameChannel: null,
      hostTerm: this.#options.view(),
    }
    transport.send(message, false)
  }

  #retryEarly(): void {
    for (const [peer, entry] of this.#entries) {
      const { early } = entry
      entry.early = []
      for (const each of early) this.#incoming(peer, each)
    }
  }

  #incoming(from: PeerId, received: ReceivedMessage): void {
    const entry = this.#entries.get(from)
    if (!entry || this.#isClosed) return
    const { label, data, hostTerm, read } = received.incoming
    this.#options.heard(hostTerm)
    if (label === muxLabel) {
      read()
      this.#onControl(from, entry, data)
    } else this.#route(from, entry, received)
  }

  #route(from: PeerId, entry: PeerEntry, received: ReceivedMessage): void {
    const { label, data, bytes, hostTerm, read, isForHost, answerId } = received.incoming
    let id = answerId
    const done = (outcome: Outcome) => {
      if (id) this.sendControl(entry.transport, ['answer', id, outcome])
      id = 0
    }
    const cost = costOf(bytes)
    const channel = this.#channels.get(label)
    const needsCheck = isForHost || channel?.options.hostOnly
    const outcome = needsCheck ? checkTerm(received.incoming, from, this.#options.view()) : null
    const message = { data, from, term: hostTerm.term }
    const arrival = { message, cost, isKept: false, done, read }
    if (outcome === 'early') holdEarly(entry, received, done)
    else if (outcome) {
      done(outcome)
      read()
    } else if (!channel)
      this.#holdUnopened(entry, received, { cost, drop: () => done('no-handler') })
    else if (received.hasCredit) channel.receive(arrival)
    else this.receiveUnmetered(channel, arrival)
  }

  #holdUnopened(
    { unopened, account }: PeerEntry,
    { incoming, hasCredit }: ReceivedMessage,
    { cost, drop }: Waiting,
  ): void {
    const { label } = incoming
    const held = isBlobKind(incoming.kind) ? 0 : cost
    const read = () => this.#memory.hold(account, -held)
    const hasRoom = () =>
      [...unopened.values()].reduce((sum, { cost }) => sum + cost, 0) < maxUnopened
    let backlog = unopened.get(label)
    backlog ??= new Backlog(() => this.#reportDropped(label), hasRoom)
    unopened.set(label, backlog)
    // It costs the peer no credit, but memory.
    incoming.read()
    this.#memory.hold(account, held)
    const dropped = () => {
      read()
      drop()
    }
    backlog.push({ cost, drop: dropped, incoming: { ...incoming, read }, hasCredit })
  }

  /** Delivers a message that came without credit, within the limit for unread ones. */
  receiveUnmetered(channel: ChannelEnd<unknown>, arrival: Arrival<unknown>): void {
    const { cost, isKept } = arrival
    const read = () => {
      channel.unmetered -= cost
      arrival.read()
    }
    const max = isKept ? maxOwnCost : channelCredit
    if (channel.unmetered > 0 && channel.unmetered + cost > max) arrival.done('queue-full')
    else {
      channel.unmetered += cost
      channel.receive({ ...arrival, read })
    }
  }

  /** Once: which type this engine lacks. */
  #reportMissing({ kind }: Incoming): void {
    const name = missingTypeOf(kind)
    if (!name || this.#hasReportedMissing) return
    this.#hasReportedMissing = true
    const message = `there is no ${name} here: it arrives as a Uint8Array`
    this.#options.error(new SkeinError('bad-argument', { message }))
  }

  #reportDropped(label: string): void {
    const message = `no listener on channel "${label}": its oldest messages are dropped`
    this.#options.error(new SkeinError('queue-full', { message }))
  }

  #onControl(from: PeerId, { transport }: PeerEntry, data: unknown): void {
    const [type, first, code] = Array.isArray(data) ? data : []
    if (type === 'answer') transport.onAnswer(first, code === null ? null : readErrorCode(code))
    else if (type === 'want') this.#options.wanted(from, first === true)
    else if (type === 'server') this.#options.serverIsBack()
    else if (type === 'gap') this.#reportGap(from, String(first), Number(code))
  }

  /** A peer gave up on messages that this side did not read in time. */
  #reportGap(from: PeerId, label: string, count: number): void {
    const message = `${count} messages from ${from} on channel "${label}" were not read in time`
    this.#options.error(new SkeinError('timeout', { message }))
  }
}

const holdEarly = (
  { early }: PeerEntry,
  received: ReceivedMessage,
  done: (outcome: Outcome) => void,
): void => {
  if (received.hasCredit || early.length < maxEarly) early.push(received)
  else done('queue-full')
}
