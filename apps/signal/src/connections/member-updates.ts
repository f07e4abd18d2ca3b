import type { Millis } from '@skein/protocol'
import type { Self } from '@skein/protocol/room'
import type { Grant } from '../auth/grant.ts'
import type { FrameLimits } from '../limits/frame-limits.ts'
import type { ConnectionContext } from './connection-context.ts'
import type { SignalSender } from './connection-state.ts'
import { changeInput } from './room-inputs.ts'
import { broadcastBytes, type PacedMember } from './update-pacer.ts'

export interface MemberUpdatesOptions {
  readonly context: ConnectionContext
  readonly sender: SignalSender
  readonly limits: FrameLimits
  readonly grant: Grant
}

/** The updates of one member, applied at the rate that the limits allow. */
export class MemberUpdates implements PacedMember {
  readonly #options: MemberUpdatesOptions
  /** The newest value of each field that waits. */
  #newest: Partial<Self> = {}

  constructor(options: MemberUpdatesOptions) {
    this.#options = options
  }

  add(update: Partial<Self>, now: Millis): void {
    const { context, sender } = this.#options
    this.#newest = { ...this.#newest, ...update }
    context.updates.submit(this, sender.room, now)
  }

  takeUpdate(now: Millis): Millis {
    const { context, limits } = this.#options
    return limits.takeUpdate(context.tuning, now)
  }

  applyUpdate(): number {
    const { context, sender, grant } = this.#options
    const { rooms } = context
    const update = this.#newest
    this.#newest = {}
    const input = changeInput({ type: 'update', ...update }, sender, grant)
    if (input === null) return 0
    rooms.dispatch(sender.room, { input, mayCreate: false })
    const { presence } = update
    return broadcastBytes(rooms.snapshot(sender.room), { id: sender.self, presence })
  }

  /** Drops what waits: the member has gone. */
  withdraw(): void {
    const { context, sender } = this.#options
    context.updates.withdraw(this, sender.room)
  }
}
