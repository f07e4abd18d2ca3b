import type { PeerId } from '@skein/protocol'
import type { CallOptions, Room } from '../api.ts'
import { throwIfAborted } from '../channel/give-up.ts'
import type { Hub, HubOptions } from '../channel/hub.ts'
import { sendToHost } from '../channel/send-to-host.ts'
import type { RoomView } from '../channel/verdict.ts'
import type { Clock } from '../clock.ts'
import { SkeinError } from '../errors.ts'
import { type AnyHandler, Rpc } from '../rpc/rpc.ts'
import type { SignalingClient } from '../signaling/signaling.ts'
import type { Links } from './links.ts'
import type { Duty, Registered } from './registered.ts'
import { ReignTasks, type ReignTasksOptions } from './reign-tasks.ts'
import { Transfers } from './transfers.ts'

export interface ExtrasOptions extends ReignTasksOptions {
  readonly hub: Hub
  readonly clock: Clock
  readonly view: () => RoomView
  readonly signaling: SignalingClient
  readonly links: Links
  /** What `handle` and `asHost` were given; the room adds and removes. */
  readonly registered: ReadonlySet<Registered>
}

const transferTimeoutMs = 10_000

/** What a page that joins and chats does not need: a chunk of its own, loaded after the welcome. */
export class Extras {
  /** The server did not give the role away. */
  readonly refused: Transfers['refused']
  readonly #options: ExtrasOptions
  readonly #rpc: Rpc
  readonly #tasks: ReignTasks
  readonly #handlers = new Map<string, AnyHandler>()
  readonly #transfers = new Transfers()

  constructor(options: ExtrasOptions) {
    const { room } = options
    this.#options = options
    this.#rpc = new Rpc({ ...options, handlers: this.#handlers })
    this.#tasks = new ReignTasks(options)
    this.refused = (code) => this.#transfers.refused(code)
    room.on('peerleave', ({ peer }) => this.#rpc.gone(peer.id))
    room.on('peerupdate', ({ peer, previous }) => {
      // I came back as someone new: the others know nothing of what I asked, or was asked, before.
      if (peer.id !== previous.id) for (const id of room.peers.keys()) this.#rpc.gone(id)
      // It is back: look whether its link is.
      if (peer.online && !previous.online) options.links.probe(peer.id)
    })
    room.on('hostchange', ({ host }) => {
      this.changed()
      this.#transfers.hostChanged(host)
    })
    room.on('statuschange', ({ status }) => {
      if (status === 'closed') this.#close()
    })
    this.changed()
  }

  /** What is registered, or the reign, may be another than before. */
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
    throwIfAborted(options.signal)
    if (room.status === 'closed') throw new SkeinError('closed')
    const calls = [...new Set(to ?? room.peers.keys())].map(async (peer) => {
      const [result] = await Promise.allSettled([this.call<Reply>(peer, name, args, options)])
      return [peer, result] as const
    })
    return new Map(await Promise.all(calls))
  }

  readonly transferHost = async (to: PeerId, options: CallOptions = {}): Promise<void> => {
    const { room, signaling, clock } = this.#options
    const { signal, timeoutMs = transferTimeoutMs } = options
    throwIfAborted(signal)
    if (room.status === 'closed') throw new SkeinError('closed')
    if (!room.isHost) throw new SkeinError('not-host')
    if (to === room.self.id) return
    if (!room.peers.has(to)) throw new SkeinError('peer-not-found')
    if (!signaling.send({ type: 'transfer-host', to })) throw new SkeinError('connect-failed')
    await this.#transfers.start({ to, clock, signal, timeoutMs })
  }

  readonly toHost: HubOptions['toHost'] = (channel, message, options) =>
    sendToHost({ ...this.#options, ...options, channel, message })

  #close(): void {
    this.changed()
    this.#transfers.close()
    this.#rpc.close()
  }
}
