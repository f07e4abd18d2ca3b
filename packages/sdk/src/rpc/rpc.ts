import type { PeerId } from '@skein/protocol'
import type {
  CallContext,
  CallOptions,
  ChannelMessage,
  JsonValue,
  SendOptions,
  SendOutcome,
} from '../api.ts'
import { readErrorCode, SkeinError } from '../base/errors.ts'
import type { ChannelMux } from '../channel/channel-mux.ts'
import type { RoomView } from '../channel/check-term.ts'
import type { Clock } from '../time/clock.ts'
import { onAbortOrTimeout, throwIfAborted } from '../time/on-abort-or-timeout.ts'
import { callsLabel } from '../transport/label.ts'

export interface RpcOptions {
  readonly mux: ChannelMux
  readonly clock: Clock
  readonly view: () => RoomView
  readonly handlers: ReadonlyMap<string, AnyHandler>
}

/** Default timeout of a call. */
const callTimeoutMs = 10_000
/** Limit for concurrent calls from one peer. */
const maxRunning = 1024

interface Pending {
  readonly to: 'host' | PeerId
  /** The peer that has the call; `null` until known. */
  peer: PeerId | null
  readonly resolve: (value: unknown) => void
  readonly reject: (error: SkeinError) => void
}

/** A call handler, as the room stores it. */
export type AnyHandler = (args: unknown, context: CallContext) => unknown

/** Calls between peers, over a reserved channel. Each message is a JSON array. */
export class Rpc {
  readonly #options: RpcOptions
  readonly #channel
  readonly #pending = new Map<number, Pending>()
  /** By caller and call id. */
  readonly #running = new Map<PeerId, Map<number, AbortController>>()
  #lastId = 0

  constructor(options: RpcOptions) {
    this.#options = options
    this.#channel = options.mux.channel(callsLabel, { priority: 'medium' })
    this.#channel.on('message', (message) => this.#onMessage(message))
  }

  async call(
    { to, name, args }: { to: 'host' | PeerId; name: string; args: JsonValue },
    { timeoutMs = callTimeoutMs, signal }: CallOptions,
  ): Promise<unknown> {
    throwIfAborted(signal)
    this.#lastId += 1
    const id = this.#lastId
    const stop = new AbortController()
    return new Promise((resolve, reject) => {
      const settle = () => {
        cancel()
        this.#pending.delete(id)
      }
      const pending: Pending = {
        to,
        peer: to === 'host' ? null : to,
        resolve: (value) => {
          settle()
          resolve(value)
        },
        reject: ({ code, message, cause }) => {
          settle()
          const text = message.startsWith(code) ? `${code}: call "${name}" to ${to}` : message
          reject(new SkeinError(code, { message: text, cause }))
        },
      }
      const cancel = onAbortOrTimeout(
        { clock: this.#options.clock, signal, timeoutMs },
        (error) => {
          stop.abort()
          if (pending.peer) this.#post(pending.peer, ['stop', id])
          pending.reject(error)
        },
      )
      this.#pending.set(id, pending)
      // `ack` tells which host has the call, and prevents sending it to two.
      const sendOptions = { to, ack: to === 'host', timeoutMs, signal: stop.signal }
      this.#send(['call', id, name, args], sendOptions).then(
        ({ reached }) => {
          pending.peer ??= reached[0] ?? null
        },
        (error: SkeinError) => pending.reject(error),
      )
    })
  }

  /** Aborts the calls from a peer that has left and rejects those to it. */
  gone(peer: PeerId): void {
    for (const running of this.#running.get(peer)?.values() ?? []) running.abort()
    this.#running.delete(peer)
    for (const { peer: callee, to, reject } of [...this.#pending.values()]) {
      if (callee === peer) reject(new SkeinError(to === 'host' ? 'host-changed' : 'peer-gone'))
    }
  }

  close(): void {
    for (const { reject } of [...this.#pending.values()]) reject(new SkeinError('closed'))
    for (const peer of [...this.#running.keys()]) this.gone(peer)
  }

  #onMessage({ data, from }: ChannelMessage<unknown>): void {
    if (!Array.isArray(data)) return
    const [type, id, ...rest]: unknown[] = data
    if (typeof id !== 'number') return
    if (type === 'call') this.#run({ from, id }, String(rest[0]), rest[1])
    else if (type === 'stop') this.#running.get(from)?.get(id)?.abort()
    else this.#onReply({ from, id }, type, rest)
  }

  #onReply({ from, id }: Call, type: unknown, [first, second]: unknown[]): void {
    const pending = this.#pending.get(id)
    if (!pending || from !== (pending.peer ?? this.#options.view().host)) return
    if (type === 'done') pending.resolve(first)
    else if (type === 'fail')
      pending.reject(new SkeinError(readErrorCode(first), { message: `${second}` }))
  }

  #run({ from, id }: Call, name: string, args: unknown): void {
    const handler = this.#options.handlers.get(name)
    const running = this.#running.get(from) ?? new Map<number, AbortController>()
    const code = handler ? 'queue-full' : 'no-handler'
    if (!handler || running.size >= maxRunning || running.has(id)) {
      this.#post(from, ['fail', id, code, `${code}: ${name}`])
      return
    }
    const controller = new AbortController()
    this.#running.set(from, running.set(id, controller))
    const finish = (reply: JsonValue) => {
      running.delete(id)
      if (!controller.signal.aborted) this.#post(from, reply)
    }
    new Promise((resolve) => resolve(handler(args, { from, signal: controller.signal })))
      .then((value) => ['done', id, toJson(value)])
      .then(finish, (error: unknown) => finish(['fail', id, ...writeError(error)]))
  }

  /** Sends a call message; locally if this peer called itself as host. */
  #post(to: PeerId, data: JsonValue): void {
    const { self, term } = this.#options.view()
    if (to === self) this.#onMessage({ data, from: self, term })
    else {
      // If the peer cannot be reached, its call times out.
      this.#send(data, { to }).catch(() => {})
    }
  }

  async #send(data: JsonValue, options: SendOptions): Promise<SendOutcome> {
    return await this.#options.mux.send(this.#channel, data, options)
  }
}

interface Call {
  readonly from: PeerId
  readonly id: number
}

/** Converts a reply here, so that a value which JSON cannot encode fails the call. */
const toJson = (value: unknown): JsonValue => {
  const json = JSON.stringify(value) ?? 'null'
  const copy: JsonValue = JSON.parse(json)
  return copy
}

const writeError = (error: unknown): [string, string] => [
  error instanceof SkeinError ? error.code : 'handler-failed',
  error instanceof Error ? error.message : String(error),
]
