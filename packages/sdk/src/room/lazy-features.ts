import type { KickMessage, PeerId, SkeinErrorCode, TransferHostMessage } from '@skein/protocol'
import type { CallOptions, Room } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import type { ChannelMux, ChannelMuxOptions } from '../channel/channel-mux.ts'
import type { RoomView } from '../channel/check-term.ts'
import { sendToHost } from '../channel/send-to-host.ts'
import { readPath } from '../link/stats.ts'
import { type AnyHandler, Rpc } from '../rpc/rpc.ts'
import type { SignalingClient } from '../signaling/signaling.ts'
import type { Clock } from '../time/clock.ts'
import { throwIfAborted } from '../time/on-abort-or-timeout.ts'
import { UnreliableChannels } from '../transport/unreliable-channels.ts'
import { HostTasks, type HostTasksOptions } from './host-tasks.ts'
import type { Links } from './links.ts'
import type { Duty, Registered } from './registered.ts'
import { Requests } from './requests.ts'

export interface LazyFeaturesOptions extends HostTasksOptions {
  readonly mux: ChannelMux
  readonly clock: Clock
  readonly view: () => RoomView
  readonly signaling: SignalingClient
  readonly links: Links
  /** What `handle` and `asHost` were given; the room adds and removes. */
  readonly registered: ReadonlySet<Registered>
}

const requestTimeoutMs = 10_000

/** What a page that joins and chats does not need: a chunk of its own, loaded when it is needed. */
export class LazyFeatures {
  readonly readPath: typeof readPath = readPath
  readonly unreliableChannels = (
    ...args: ConstructorParameters<typeof UnreliableChannels>
  ): UnreliableChannels => new UnreliableChannels(...args)
  readonly #options: LazyFeaturesOptions
  readonly #rpc: Rpc
  readonly #tasks: HostTasks
  readonly #handlers = new Map<string, AnyHandler>()
  readonly #transfers = new Requests()
  readonly #kicks = new Requests()

  constructor(options: LazyFeaturesOptions) {
    const { room } = options
    this.#options = options
    this.#rpc = new Rpc({ ...options, handlers: this.#handlers })
    this.#tasks = new HostTasks(options)
    room.on('peerleave', ({ peer }) => {
      this.#rpc.gone(peer.id)
      this.#kicks.settle((id) => (id === peer.id ? null : undefined))
    })
    room.on('peerupdate', ({ peer, previous }) => {
      // I came back as someone new: the others know nothing of what I asked, or was asked, before.
      if (peer.id !== previous.id) for (const id of room.peers.keys()) this.#rpc.gone(id)
      // It is back: look whether its link is.
      if (peer.online && !previous.online) options.links.probe(peer.id)
    })
    room.on('hostchange', ({ host }) => {
      this.changed()
      this.#transfers.settle((to) => (to === host ? null : 'not-host'))
    })
    room.on('statuschange', ({ status }) => {
      if (status === 'closed') this.#close()
    })
    this.changed()
  }

  /** The server did not do what it was asked to. */
  refused(about: 'transfer-host' | 'kick', code: SkeinErrorCode): void {
    const requests = about === 'kick' ? this.#kicks : this.#transfers
    requests.refused(code)
  }

  /** What is registered, or the hostTerm, may be another than before. */
  changed(): void {
    const duties = new Set<Duty>()
    this.#handlers.clear()
    for (const entry of this.#options.registered) {
      if ('task' in entry) duties.add(entry)
      else this.#handlers.set(entry.name, (args, context) => entry.handler(args as never, context))
    }
    this.#tasks.update(duties)
  }

  readonly call = async <Reply>(
    ...[to, name, args = null, options = {}]: Parameters<Room['call']>
  ): Promise<Reply> =>
    // What peers reply is what the application says it is: it is the one that knows.
    (await this.#rpc.call({ to, name, args }, options)) as Reply

  readonly callAll = async <Reply>(
    ...[name, args, { to, ...options } = {}]: Parameters<Room['callAll']>
  ): Promise<ReadonlyMap<PeerId, PromiseSettledResult<Reply>>> => {
    const { room } = this.#options
    this.#checkUse(options)
    const calls = [...new Set(to ?? room.peers.keys())].map(async (peer) => {
      const [result] = await Promise.allSettled([this.call<Reply>(peer, name, args, options)])
      return [peer, result] as const
    })
    return new Map(await Promise.all(calls))
  }

  readonly transferHost = async (to: PeerId, options: CallOptions = {}): Promise<void> => {
    const { room } = this.#options
    this.#checkUse(options)
    if (!room.isHost) throw new SkeinError('not-host')
    if (to !== room.self.id)
      await this.#ask(this.#transfers, { type: 'transfer-host', to }, options)
  }

  readonly kick = async (
    ...[id, { reason, ...options } = {}]: Parameters<Room['kick']>
  ): Promise<void> => {
    this.#checkUse(options)
    await this.#ask(this.#kicks, { type: 'kick', id, reason: reason ?? null }, options)
  }

  readonly toHost: ChannelMuxOptions['toHost'] = (channel, message, options) =>
    sendToHost({ ...this.#options, ...options, channel, message })

  #checkUse({ signal }: CallOptions): void {
    throwIfAborted(signal)
    if (this.#options.room.status === 'closed') throw new SkeinError('closed')
  }

  /** Asks the server to do something with a peer, and waits until it has told of it. */
  async #ask(
    requests: Requests,
    message: TransferHostMessage | KickMessage,
    { signal, timeoutMs = requestTimeoutMs }: CallOptions,
  ): Promise<void> {
    const { room, signaling, clock } = this.#options
    const to = 'to' in message ? message.to : message.id
    if (!room.peers.has(to)) throw new SkeinError('peer-not-found')
    if (!signaling.send(message)) throw new SkeinError('connect-failed')
    await requests.start({ to, clock, signal, timeoutMs })
  }

  #close(): void {
    this.changed()
    for (const requests of [this.#transfers, this.#kicks]) requests.settle(() => 'closed')
    this.#rpc.close()
  }
}
