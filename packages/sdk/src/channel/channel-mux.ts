import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import type { ChannelOptions, JsonValue, SendOptions } from '../api.ts'
import { readErrorCode, SkeinError } from '../base/errors.ts'
import type { HostTerm } from '../core/host-term.ts'
import type { Clock } from '../time/clock.ts'
import { throwIfAborted } from '../time/on-abort-or-timeout.ts'
import { costOf } from '../transport/credit.ts'
import type { Incoming } from '../transport/frame-receiver.ts'
import { callsLabel, maxChannels, muxLabel } from '../transport/label.ts'
import type { Message } from '../transport/outgoing.ts'
import { encodePayload } from '../transport/payload.ts'
import { PeerTransport, type PeerTransportOptions } from '../transport/peer-transport.ts'
import { type Arrival, ChannelEnd, type Outcome } from './channel.ts'
import { checkTerm, type RoomView } from './check-term.ts'
import { sendToPeers } from './send-to-peers.ts'

export interface ChannelMuxOptions {
  readonly clock: Clock
  readonly view: () => RoomView
  readonly error: (error: SkeinError) => void
  /** A peer said whether it needs the link. */
  readonly wanted: (peer: PeerId, isWanted: boolean) => void
  /** A message of this host term has arrived. */
  readonly heard: (hostTerm: HostTerm) => void
  /** A peer has reached the server. */
  readonly serverIsBack: () => void
  /** Sends a message to the host, following the role; resolves with the host that has it. */
  readonly toHost: (
    channel: ChannelEnd<unknown>,
    message: Message,
    options: SendOptions,
  ) => Promise<PeerId>
  /** `count` accepted messages may not have reached a peer that has left. */
  readonly undelivered: (peer: PeerId, channel: string, count: number) => void
}

/** How many early messages without credit are held per peer. */
const maxEarly = 1024
/** Cost limit per channel for messages without credit, which includes the host's messages to itself. */
const maxUnmetered = 64 * 1024 * 1024

interface PeerEntry {
  readonly transport: PeerTransport
  /** Messages that cannot be routed yet: of an unknown host term or for an unknown channel. */
  early: ReceivedMessage[]
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
  /** Called when the host, the host term or a link changes, and when the mux closes. */
  readonly watchers: Set<(isClosed: boolean) => void> = new Set()
  #isClosed = false

  constructor(options: ChannelMuxOptions) {
    this.#options = options
  }

  /** Returns or creates the channel with that label; throws `bad-argument` beyond the limit. */
  channel(label: string, options: ChannelOptions = {}): ChannelEnd<unknown> {
    const known = this.#channels.get(label)
    if (known) return known
    // The control channel counts towards the limit too.
    if (this.#channels.size > maxChannels - 2) {
      throw new SkeinError('bad-argument', { message: `more than ${maxChannels - 2} channels` })
    }
    const end = new ChannelEnd<unknown>({ label, options }, (...send) => this.send(...send))
    this.#channels.set(label, end)
    if (this.#isClosed) end.close()
    this.#retryEarly()
    return end
  }

  /** Creates the transport for a new link. */
  attach(peer: PeerId, options: Omit<PeerTransportOptions, 'message' | 'clock'>): PeerTransport {
    const { clock } = this.#options
    const transport = new PeerTransport({
      ...options,
      clock,
      message: (incoming, hasCredit) => this.#incoming(peer, { incoming, hasCredit }),
    })
    this.#entries.set(peer, { transport, early: [] })
    this.changed()
    return transport
  }

  /** The link is closed for good; pending sends reject with `code`. */
  detach(peer: PeerId, code: SkeinErrorCode): void {
    const lost = this.#entries.get(peer)?.transport.close(code) ?? []
    this.#entries.delete(peer)
    for (const [label, count] of lost) {
      if (code !== 'closed' && label > callsLabel) this.#options.undelivered(peer, label, count)
    }
  }

  /** The host, the host term or a link has changed: early messages are routed again. */
  changed(): void {
    this.#retryEarly()
    for (const watcher of [...this.watchers]) watcher(false)
  }

  close(): void {
    this.#isClosed = true
    for (const peer of [...this.#entries.keys()]) this.detach(peer, 'closed')
    for (const watcher of [...this.watchers]) watcher(true)
    for (const channel of this.#channels.values()) channel.close()
  }

  /** Resolves with the host's id for `'host'`, else with `null`. Returns `null` if all accepted it. */
  send(
    channel: ChannelEnd<unknown>,
    data: unknown,
    options: SendOptions,
  ): Promise<PeerId | null> | null {
    const { clock, view, toHost } = this.#options
    const { to = 'all', ack = false, signal } = options
    const room = view()
    if (this.#isClosed) throw new SkeinError('closed')
    throwIfAborted(signal)
    const { label, weight, frameChannel } = channel
    if (channel.options.hostOnly && room.host !== room.self) throw new SkeinError('not-host')
    const isForHost = to === 'host'
    const message: Message = {
      ...encodePayload(data),
      label,
      weight,
      frameChannel,
      hostTerm: room,
      isForHost,
    }
    return isForHost
      ? toHost(channel, message, options)
      : sendToPeers({ ...options, clock, message, targets: this.#targets(to, room), ack })
  }

  /** `'all'` is every peer with a link; in a mesh that is everyone. */
  #targets(
    to: Exclude<SendOptions['to'], 'host' | undefined>,
    { peers }: RoomView,
  ): Map<PeerId, PeerTransport | SkeinErrorCode> {
    const ids = to === 'all' ? [...this.#entries.keys()] : [to].flat()
    const missing = (id: PeerId) => (peers.has(id) ? 'peer-unreachable' : 'peer-not-found')
    return new Map(ids.map((id) => [id, this.transport(id) ?? missing(id)]))
  }

  /** `null` if there is no link. */
  transport(peer: PeerId): PeerTransport | null {
    return this.#entries.get(peer)?.transport ?? null
  }

  /** Sends a control message to the peer's mux. */
  sendControl(transport: PeerTransport, data: JsonValue): void {
    const options = { label: muxLabel, weight: 16, isForHost: false, frameChannel: null }
    transport.send({ ...encodePayload(data), ...options, hostTerm: this.#options.view() }, false)
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
    const channel = this.#channels.get(label)
    const needsCheck = isForHost || channel?.options.hostOnly
    const outcome = needsCheck ? checkTerm(received.incoming, from, this.#options.view()) : null
    const arrival = { message: { data, from, term: hostTerm.term }, done, read }
    if (outcome && outcome !== 'early') {
      done(outcome)
      read()
    } else if (!channel || outcome) this.#holdEarly(entry, received, done)
    else if (received.hasCredit) channel.receive(arrival)
    else this.hold(channel, costOf(bytes), arrival)
  }

  #holdEarly(
    { early }: PeerEntry,
    received: ReceivedMessage,
    done: (outcome: Outcome) => void,
  ): void {
    if (received.hasCredit || early.length < maxEarly) early.push(received)
    else this.#overflow(received.incoming.label, done)
  }

  /** Delivers a message that came without credit, within the limit for unread ones. */
  hold(channel: ChannelEnd<unknown>, cost: number, arrival: Arrival<unknown>): void {
    const read = () => {
      channel.unmetered -= cost
      arrival.read()
    }
    if (channel.unmetered > 0 && channel.unmetered + cost > maxUnmetered) {
      this.#overflow(channel.label, arrival.done)
    } else {
      channel.unmetered += cost
      channel.receive({ ...arrival, read })
    }
  }

  #overflow(label: string, done: (outcome: Outcome) => void): void {
    done('queue-full')
    const message = `no listener on channel "${label}"`
    this.#options.error(new SkeinError('queue-full', { message }))
  }

  #onControl(from: PeerId, { transport }: PeerEntry, data: unknown): void {
    const [type, first, code] = Array.isArray(data) ? data : []
    if (type === 'answer') transport.onAnswer(first, code === null ? null : readErrorCode(code))
    else if (type === 'want') this.#options.wanted(from, first === true)
    else if (type === 'server') this.#options.serverIsBack()
  }
}
