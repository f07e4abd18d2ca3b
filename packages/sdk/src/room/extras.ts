import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import type { CallOptions, Room } from '../api.ts'
import { throwIfAborted } from '../channel/give-up.ts'
import type { Hub } from '../channel/hub.ts'
import type { RoomView } from '../channel/verdict.ts'
import type { Clock } from '../clock.ts'
import { SkeinError } from '../errors.ts'
import { type AnyHandler, Rpc } from '../rpc/rpc.ts'
import type { SignalingClient } from '../signaling/signaling.ts'
import { type Duty, ReignTasks } from './reign-tasks.ts'
import { Transfers } from './transfers.ts'

export interface ExtrasOptions {
  readonly room: Room
  readonly hub: Hub
  readonly clock: Clock
  readonly view: () => RoomView
  readonly signaling: SignalingClient
  /** By name; the room adds and removes. */
  readonly handlers: ReadonlyMap<string, AnyHandler>
  /** What `asHost` was given; the room adds and removes. */
  readonly duties: ReadonlySet<Duty>
  /** A task of `asHost` threw. */
  readonly failed: (error: unknown) => void
}

const transferTimeoutMs = 10_000

/** What a page that joins and chats does not need: a chunk of its own, loaded after the welcome. */
export class Extras {
  readonly call: Rpc['call']
  /** A member is gone: nobody waits for it. */
  readonly gone: Rpc['gone']
  /** The server did not give the role away. */
  readonly refused: Transfers['refused']
  readonly #options: ExtrasOptions
  readonly #rpc: Rpc
  readonly #tasks: ReignTasks
  readonly #transfers = new Transfers()

  constructor(options: ExtrasOptions) {
    this.#options = options
    this.#rpc = new Rpc(options)
    this.#tasks = new ReignTasks(options)
    this.call = (call, callOptions) => this.#rpc.call(call, callOptions)
    this.gone = (peer) => this.#rpc.gone(peer)
    this.refused = (code: SkeinErrorCode) => this.#transfers.refused(code)
    this.reigned()
  }

  /** The host, the reign or the duties may be others than before. */
  reigned(): void {
    this.#tasks.update()
    this.#transfers.hostChanged(this.#options.room.host)
  }

  async transferHost(to: PeerId, options: CallOptions): Promise<void> {
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

  /** The room is closed. */
  close(): void {
    this.#tasks.update()
    this.#transfers.close()
    this.#rpc.close()
  }
}
