import type { PeerId } from '@skein/protocol'
import type { CallContext, CallOptions, ChannelMessage, JsonValue, SendOptions } from '../api.ts'
import { readErrorCode } from '../base/error-code.ts'
import { SkeinError } from '../base/errors.ts'
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

/** A call is given up after it, if it does not say when. */
const callTimeoutMs = 10_000
/** Calls of one peer that may run at once. */
const maxRunning = 1024

interface Pending {
  readonly to: 'host' | PeerId
  /** Who has the call; `null` until that is known. */
  peer: PeerId | null
  readonly resolve: (value: unknown) => void
  readonly reject: (error: SkeinError) => void
}

/** An answer to calls, as the room keeps it. */
export type AnyHandler = (args: unknown, context: CallContext) => unknown

/** Calls between peers, over a channel of the SDK's own. Each message is a JSON array. */
export class Rpc {
  readonly #options: RpcOptions
  readonly #channel
  readonly #pending = new Map<number, Pending>()
  /** By caller and the id that it gave. */
  readonly #running = new Map<PeerId, Map<number, AbortController>>()
  #ids = 0

  constructor(options: RpcOptions) {
    this.#options = options
    this.#channel = options.mux.channel(callsLabel, { priority: 'medium' })
    this.#channel.on('message', (message) => this.#received(message))
  }

  async call(
    { to, name, args }: { to: 'host' | PeerId; name: string; args: JsonValue },
    { timeoutMs = callTimeoutMs, signal }: CallOptions,
  ): Promise<unknown> {
    throwIfAborted(signal)
    this.#ids += 1
    const id = this.#ids
    const stop = new AbortController()
    return new Promise((resolve, reject) => {
      const settle = () => {
        off()
        this.#pending.delete(id)
      }
      const pending: Pending = {
        to,
        peer: to === 'host' ? null : to,
        resolve: (value) => {
          settle()
          resolve(value)
        },
        reject: (error) => {
          settle()
          reject(error)
        },
      }
      const off = onAbortOrTimeout({ clock: this.#options.clock, signal, timeoutMs }, (error) => {
        stop.abort()
        if (pending.peer) this.#post(pending.peer, ['stop', id])
        pending.reject(error)
      })
      this.#pending.set(id, pending)
      // With `ack` it is known which host has it, and it never goes to two.
      const sendOptions = { to, ack: to === 'host', timeoutMs, signal: stop.signal }
      this.#send(['call', id, name, args], sendOptions).then(
        (peer) => {
          pending.peer ??= peer
        },
        (error: SkeinError) => pending.reject(error),
      )
    })
  }

  /** Nobody waits for a peer that is gone. */
  gone(peer: PeerId): void {
    for (const running of this.#running.get(peer)?.values() ?? []) running.abort()
    this.#running.delete(peer)
    for (const { peer: callee, to, reject } of [...this.#pending.values()]) {
      if (callee === peer) reject(new SkeinError(to === 'host' ? 'host-changed' : 'peer-gone'))
    }
  }

  close(): void {
    for (const peer of [...this.#running.keys()]) this.gone(peer)
    for (const { reject } of [...this.#pending.values()]) reject(new SkeinError('closed'))
  }

  #received({ data, from }: ChannelMessage<unknown>): void {
    if (!Array.isArray(data)) return
    const [type, id, ...rest]: unknown[] = data
    if (typeof id !== 'number') return
    if (type === 'call') this.#run({ from, id }, String(rest[0]), rest[1])
    else if (type === 'stop') this.#running.get(from)?.get(id)?.abort()
    else this.#replied({ from, id }, type, rest)
  }

  #replied({ from, id }: Call, type: unknown, [first, second]: unknown[]): void {
    const pending = this.#pending.get(id)
    if (!pending || from !== (pending.peer ?? this.#options.view().host)) return
    if (type === 'done') pending.resolve(first)
    else if (type === 'fail')
      pending.reject(new SkeinError(readErrorCode(first), { message: `${second}` }))
  }

  #run({ from, id }: Call, name: string, args: unknown): void {
    const handler = this.#options.handlers.get(name)
    const running = this.#running.get(from) ?? new Map<number, AbortController>()
    const refusal = handler ? 'queue-full' : 'no-handler'
    if (!handler || running.size >= maxRunning || running.has(id)) {
      this.#post(from, ['fail', id, refusal, `${refusal}: ${name}`])
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

  /** To myself when I am the host that I called. */
  #post(to: PeerId, data: JsonValue): void {
    const { self, term } = this.#options.view()
    if (to === self) this.#received({ data, from: self, term })
    else {
      // A peer that cannot be reached learns nothing; it gives up by itself.
      this.#send(data, { to }).catch(() => {})
    }
  }

  async #send(data: JsonValue, options: SendOptions): Promise<PeerId | null> {
    return await this.#options.mux.send(this.#channel, data, options)
  }
}

interface Call {
  readonly from: PeerId
  readonly id: number
}

/** What JSON has no word for is a failure here, not on the way. */
const toJson = (value: unknown): JsonValue => {
  const words = JSON.stringify(value) ?? 'null'
  const copy: JsonValue = JSON.parse(words)
  return copy
}

const writeError = (error: unknown): [string, string] => [
  error instanceof SkeinError ? error.code : 'handler-failed',
  error instanceof Error ? error.message : String(error),
]
