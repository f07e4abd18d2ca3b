import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import type { ChannelOptions, JsonValue, SendOptions } from '../api.ts'
import { readErrorCode } from '../base/error-code.ts'
import { SkeinError } from '../base/errors.ts'
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
  /** A peer says whether it needs its link. */
  readonly wanted: (peer: PeerId, isWanted: boolean) => void
  /** Follows the role with a message; resolves with the host that took it. */
  readonly toHost: (
    channel: ChannelEnd<unknown>,
    message: Message,
    options: SendOptions,
  ) => Promise<PeerId>
  /** So many messages of that channel were taken for a peer that is gone, and may not have come. */
  readonly undelivered: (peer: PeerId, channel: string, count: number) => void
}

/** Messages of one peer that cannot be judged yet, of those without credit. */
const maxEarly = 1024
/** What a channel holds without credit: of its unordered and unreliable peers, and of the host to itself. */
const maxUnmetered = 64 * 1024 * 1024

interface PeerEntry {
  readonly transport: PeerTransport
  /** Of a hostTerm that I have not heard of yet, or for a channel that I have not made yet. */
  early: Early[]
}

interface Early {
  readonly incoming: Incoming
  readonly hasCredit: boolean
}

/** All channels of a room, and the transports to its peers that they share. */
export class ChannelMux {
  readonly #options: ChannelMuxOptions
  readonly #channels = new Map<string, ChannelEnd<unknown>>()
  readonly #entries = new Map<PeerId, PeerEntry>()
  /** Called when the host, the hostTerm or a link is another, or all is over. */
  readonly watchers: Set<(isClosed: boolean) => void> = new Set()
  #isClosed = false

  constructor(options: ChannelMuxOptions) {
    this.#options = options
  }

  /** The channel of that label; throws `bad-argument` when there are too many. */
  channel(label: string, options: ChannelOptions = {}): ChannelEnd<unknown> {
    const known = this.#channels.get(label)
    if (known) return known
    // The muxes' own is one of those that a peer takes.
    if (this.#channels.size > maxChannels - 2) {
      throw new SkeinError('bad-argument', { message: `more than ${maxChannels - 2} channels` })
    }
    const end = new ChannelEnd<unknown>({ label, options }, (...send) => this.send(...send))
    this.#channels.set(label, end)
    if (this.#isClosed) end.close()
    this.#retryEarly()
    return end
  }

  /** A link to the peer begins. */
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

  /** The link is closed for good; `code` is what sends on their way reject with. */
  detach(peer: PeerId, code: SkeinErrorCode): void {
    const lost = this.#entries.get(peer)?.transport.close(code) ?? []
    this.#entries.delete(peer)
    for (const [label, count] of lost) {
      if (code !== 'closed' && label > callsLabel) this.#options.undelivered(peer, label, count)
    }
  }

  /** The host, the hostTerm or a link is another: what waited for that is looked at again. */
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

  /** Resolves with who took it, where that is one: for `'host'`. `null`: all took it at once. */
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

  /** Everyone is everyone with a link; in a mesh that is all. */
  #targets(
    to: Exclude<SendOptions['to'], 'host' | undefined>,
    { peers }: RoomView,
  ): Map<PeerId, PeerTransport | SkeinErrorCode> {
    const ids = to === 'all' ? [...this.#entries.keys()] : [to].flat()
    const missing = (id: PeerId) => (peers.has(id) ? 'peer-unreachable' : 'peer-not-found')
    return new Map(ids.map((id) => [id, this.transport(id) ?? missing(id)]))
  }

  /** `null` without a link. */
  transport(peer: PeerId): PeerTransport | null {
    return this.#entries.get(peer)?.transport ?? null
  }

  /** Says something to the other end's mux. */
  sendControl(transport: PeerTransport, data: JsonValue): void {
    const about = { label: muxLabel, weight: 16, isForHost: false, frameChannel: null }
    transport.send({ ...encodePayload(data), ...about, hostTerm: this.#options.view() }, false)
  }

  #retryEarly(): void {
    for (const [peer, line] of this.#entries) {
      const { early } = line
      line.early = []
      for (const each of early) this.#incoming(peer, each)
    }
  }

  #incoming(from: PeerId, early: Early): void {
    const line = this.#entries.get(from)
    if (!line || this.#isClosed) return
    const { label, data, read } = early.incoming
    if (label === muxLabel) {
      read()
      this.#onControl(from, line, data)
    } else this.#route(from, line, early)
  }

  #route(from: PeerId, line: PeerEntry, early: Early): void {
    const { label, data, bytes, hostTerm, read, isForHost, askId } = early.incoming
    let id = askId
    const done = (outcome: Outcome) => {
      if (id) this.sendControl(line.transport, ['answer', id, outcome])
      id = 0
    }
    const channel = this.#channels.get(label)
    const isHostly = isForHost || channel?.options.hostOnly
    const refusal = isHostly ? checkTerm(early.incoming, from, this.#options.view()) : null
    const arrival = { message: { data, from, term: hostTerm.term }, done, read }
    if (refusal && refusal !== 'early') {
      done(refusal)
      read()
    } else if (!channel || refusal) this.#wait(line, early, done)
    else if (early.hasCredit) channel.arrived(arrival)
    else this.hold(channel, costOf(bytes), arrival)
  }

  #wait({ early }: PeerEntry, one: Early, done: (outcome: Outcome) => void): void {
    if (one.hasCredit || early.length < maxEarly) early.push(one)
    else this.#overflowed(one.incoming.label, done)
  }

  /** Hands over what came without credit: what nobody reads of it is bounded here. */
  hold(channel: ChannelEnd<unknown>, cost: number, arrival: Arrival<unknown>): void {
    const read = () => {
      channel.unmetered -= cost
      arrival.read()
    }
    if (channel.unmetered > 0 && channel.unmetered + cost > maxUnmetered) {
      this.#overflowed(channel.label, arrival.done)
    } else {
      channel.unmetered += cost
      channel.arrived({ ...arrival, read })
    }
  }

  #overflowed(label: string, done: (outcome: Outcome) => void): void {
    done('queue-full')
    const message = `nobody reads "${label}"`
    this.#options.error(new SkeinError('queue-full', { message }))
  }

  #onControl(from: PeerId, { transport }: PeerEntry, data: unknown): void {
    const [type, first, code] = Array.isArray(data) ? data : []
    if (type === 'answer') transport.answered(first, code === null ? null : readErrorCode(code))
    else if (type === 'want') this.#options.wanted(from, first === true)
  }
}
