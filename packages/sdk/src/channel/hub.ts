import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import type { ChannelOptions, JsonValue, SendOptions } from '../api.ts'
import type { Clock } from '../clock.ts'
import { utf8 } from '../core/bytes.ts'
import { compareReigns, type Reign } from '../core/reign.ts'
import { SkeinError } from '../errors.ts'
import type { CarrierOptions } from '../link/link.ts'
import { ChannelEnd, type Outcome } from './channel.ts'
import { readErrorCode } from './error-code.ts'
import { nothing } from './frame.ts'
import { throwIfAborted } from './give-up.ts'
import { type Incoming, maxLabelBytes } from './inbox.ts'
import type { Message } from './outgoing.ts'
import { decodePayload, encodePayload, type Payload } from './payload.ts'
import { Pipe, type PipeOptions } from './pipe.ts'
import { sendToHost } from './send-to-host.ts'
import { sendToPeers } from './send-to-peers.ts'

/** The room as channels see it, at the moment of asking. */
export interface RoomView extends Reign {
  readonly self: PeerId
  readonly host: PeerId | null
  /** The others. */
  readonly peers: ReadonlyMap<PeerId, unknown>
}

export interface HubOptions {
  readonly clock: Clock
  readonly view: () => RoomView
  readonly error: (error: SkeinError) => void
  /** A peer says whether it needs its link. */
  readonly wanted: (peer: PeerId, isWanted: boolean) => void
}

/** Sending to the host may mean to wait for one: so long, if the call does not say. */
const hostTimeoutMs = 15_000
/** What one peer sent that cannot be judged yet, in bytes. */
const maxEarlyCost = 16 * 1024 * 1024
const weights = { 'very-low': 1, low: 2, medium: 4, high: 8 }

interface Line {
  readonly pipe: Pipe
  /** Of a reign that I have not heard of yet, or for a channel that I have not made yet. */
  early: Incoming[]
  earlyCost: number
}

/** All channels of a room, and the pipes to its peers that they share. */
export class Hub {
  readonly #options: HubOptions
  readonly #channels = new Map<string, ChannelEnd<unknown>>()
  readonly #lines = new Map<PeerId, Line>()
  readonly #watchers = new Set<(isClosed: boolean) => void>()
  #isClosed = false

  constructor(options: HubOptions) {
    this.#options = options
  }

  /** The channel of that label; `''` is the SDK's own. */
  channel(label: string, options: ChannelOptions = {}): ChannelEnd<unknown> {
    const known = this.#channels.get(label)
    if (known) return known
    const end = new ChannelEnd<unknown>(
      { label, options },
      {
        send: async (data, sendOptions) => void (await this.send(end, data, sendOptions)),
        overflowed: () => this.#overflowed(label),
      },
    )
    this.#channels.set(label, end)
    if (this.#isClosed) end.close()
    this.#judge()
    return end
  }

  /** A link to the peer begins. */
  attach(peer: PeerId, options: Omit<PipeOptions, 'message'>): Pipe {
    const message = (incoming: Incoming) => this.#incoming(peer, incoming)
    const pipe = new Pipe({ ...options, message })
    this.#lines.set(peer, { pipe, early: [], earlyCost: 0 })
    this.changed()
    return pipe
  }

  /** The link is closed for good; `code` is what sends on their way reject with. */
  detach(peer: PeerId, code: SkeinErrorCode): void {
    const line = this.#lines.get(peer)
    this.#lines.delete(peer)
    line?.pipe.setReachable(false, code)
  }

  /** The host, the reign or a link is another: what waited for that is looked at again. */
  changed(): void {
    this.#judge()
    for (const watcher of [...this.#watchers]) watcher(false)
  }

  close(): void {
    this.#isClosed = true
    for (const peer of [...this.#lines.keys()]) this.detach(peer, 'closed')
    for (const watcher of [...this.#watchers]) watcher(true)
    for (const channel of this.#channels.values()) channel.close()
  }

  /** Resolves with who took it, where that is one: for `'host'`. */
  async send(
    channel: ChannelEnd<unknown>,
    data: unknown,
    { to = 'all', ack = false, timeoutMs, signal }: SendOptions,
  ): Promise<PeerId | null> {
    const { clock, view } = this.#options
    if (this.#isClosed) throw new SkeinError('closed')
    throwIfAborted(signal)
    const { self, host, epoch, term } = view()
    if (channel.options.hostOnly && host !== self) throw new SkeinError('not-host')
    const payload = encodePayload(data)
    const message: Message = {
      ...payload,
      label: channel.label,
      weight: weights[channel.options.priority ?? 'low'],
      reign: { epoch, term },
      isForHost: to === 'host',
      carrier: carrierFor(channel),
    }
    if (to !== 'host') {
      const targets = this.#targets(to)
      await sendToPeers({ clock, signal, timeoutMs, message, targets, asksAnswer: ack })
      return null
    }
    return sendToHost({
      clock,
      signal,
      timeoutMs: timeoutMs ?? hostTimeoutMs,
      message,
      ack,
      find: () => this.#host(),
      here: (done) => this.#here(channel, payload, done),
      watch: (changed) => {
        this.#watchers.add(changed)
        return () => this.#watchers.delete(changed)
      },
    })
  }

  /** Everyone is everyone with a link; in a mesh that is all. */
  #targets(to: Exclude<SendOptions['to'], 'host' | undefined>): Map<PeerId, Pipe | SkeinErrorCode> {
    const { peers } = this.#options.view()
    const ids = to === 'all' ? [...this.#lines.keys()] : [to].flat()
    const missing = (id: PeerId) => (peers.has(id) ? 'peer-unreachable' : 'peer-not-found')
    return new Map(ids.map((id) => [id, this.#lines.get(id)?.pipe ?? missing(id)]))
  }

  /** Says something to the other end's hub. */
  tell(pipe: Pipe, data: JsonValue): void {
    const message = { ...encodePayload(data), label: '', weight: 16, reign: this.#options.view() }
    const ignored = () => {}
    pipe.send(
      { ...message, isForHost: false, carrier: null },
      { asksAnswer: false, accepted: ignored, settled: ignored },
    )
  }

  #host(): { readonly peer: PeerId; readonly pipe: Pipe | null } | null {
    const { self, host } = this.#options.view()
    if (host === null) return null
    if (host === self) return { peer: self, pipe: null }
    const pipe = this.#lines.get(host)?.pipe
    return pipe ? { peer: host, pipe } : null
  }

  /** I am the host: a copy, as any other peer gets. */
  #here(channel: ChannelEnd<unknown>, payload: Payload, done: (outcome: Outcome) => void): void {
    const { kind, head, body, size } = payload
    const { self: from, term } = this.#options.view()
    const parts = [body instanceof Blob ? body : new Uint8Array(body)]
    const data = decodePayload({ kind, head: head ?? nothing, parts })
    channel.arrived({ message: { data, from, term }, cost: size + 64, done })
  }

  #judge(): void {
    for (const [peer, line] of this.#lines) {
      const { early } = line
      line.early = []
      line.earlyCost = 0
      for (const incoming of early) this.#incoming(peer, incoming)
    }
  }

  #incoming(from: PeerId, incoming: Incoming): void {
    const line = this.#lines.get(from)
    if (!line || this.#isClosed) return
    const { label, data, bytes, reign, askId } = incoming
    const channel = this.#channels.get(label)
    if (label === '' && Array.isArray(data) && this.#told(from, line, data)) return
    const cost = bytes + 256
    const done = (outcome: Outcome) => {
      if (askId) this.tell(line.pipe, ['answer', askId, outcome])
    }
    const verdict = this.#verdict(channel?.options ?? {}, from, incoming)
    if (verdict && verdict !== 'early') done(verdict)
    else if (channel && !verdict) {
      channel.arrived({ message: { data, from, term: reign.term }, cost, done })
    } else if (!hold(line, incoming, cost)) {
      done('queue-full')
      this.#overflowed(label)
    }
  }

  /** Whether it was meant for this hub. */
  #told(from: PeerId, { pipe }: Line, [type, first, code]: unknown[]): boolean {
    if (type === 'answer') pipe.answered(first, code === null ? null : readErrorCode(code))
    else if (type === 'want') this.#options.wanted(from, first === true)
    else return false
    return true
  }

  #overflowed(label: string): void {
    const message = `nobody reads "${label}"`
    this.#options.error(new SkeinError('queue-full', { message }))
  }

  /** `null`: to be handled. */
  #verdict(
    { hostOnly }: ChannelOptions,
    from: PeerId,
    { reign, isForHost }: Incoming,
  ): Outcome | 'early' {
    if (!(isForHost || hostOnly)) return null
    const view = this.#options.view()
    const order = compareReigns(reign, view)
    if (order > 0) return 'early'
    if (isForHost) return view.host === view.self ? null : 'not-host'
    if (order < 0) return 'stale-term'
    return from === view.host ? null : 'not-host'
  }
}

/** `false` when there is no room for it. */
const hold = (line: Line, incoming: Incoming, cost: number): boolean => {
  if (line.earlyCost > 0 && line.earlyCost + cost > maxEarlyCost) return false
  line.early.push(incoming)
  line.earlyCost += cost
  return true
}

/** An unordered or unreliable channel has a carrier of its own. */
const carrierFor = ({ label, options }: ChannelEnd<unknown>): CarrierOptions | null => {
  const { ordered = true, maxRetransmits = null, maxPacketLifeTime = null } = options
  if (ordered && maxRetransmits === null && maxPacketLifeTime === null) return null
  return { label: `c:${label}`, ordered, maxRetransmits, maxPacketLifeTime }
}

/** Throws `bad-argument` for a label that no channel can have. */
export const checkLabel = (label: string): void => {
  const { length } = utf8(label)
  if (length > 0 && length <= maxLabelBytes) return
  throw new SkeinError('bad-argument', { message: `label: 1 to ${maxLabelBytes} bytes` })
}
