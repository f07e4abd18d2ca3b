import type { Room } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import type { Duty } from './registered.ts'

export interface HostTasksOptions {
  readonly room: Room
  /** A task threw. */
  readonly failed: (error: SkeinError) => void
}

interface Run {
  readonly hostTerm: string
  readonly stop: AbortController
}

/** Runs tasks while I host: each hostTerm of mine anew, aborted when it ends. */
export class HostTasks {
  readonly #options: HostTasksOptions
  readonly #runs = new Map<Duty, Run>()

  constructor(options: HostTasksOptions) {
    this.#options = options
  }

  /** Brings what runs in line with the room. */
  update(duties: ReadonlySet<Duty>): void {
    const { room } = this.#options
    const isMine = room.isHost && room.status !== 'closed'
    const hostTerm = isMine ? `${room.epoch} ${room.term}` : null
    for (const [duty, run] of this.#runs) {
      if (run.hostTerm === hostTerm && duties.has(duty)) continue
      run.stop.abort()
      this.#runs.delete(duty)
    }
    if (hostTerm === null) return
    for (const duty of duties) {
      if (!this.#runs.has(duty)) this.#runs.set(duty, { hostTerm, stop: this.#start(duty) })
    }
  }

  #start({ task }: Duty): AbortController {
    const { room, failed } = this.#options
    const { term } = room
    const stop = new AbortController()
    const { signal } = stop
    // Never inside of the call that adds it, or of the event that makes me host.
    Promise.resolve()
      .then(() => (signal.aborted ? undefined : task({ term, signal })))
      .catch((cause: unknown) => {
        // A task that is told to stop may well throw what its signal says.
        if (!signal.aborted) failed(new SkeinError('handler-failed', { message: 'asHost', cause }))
      })
    return stop
  }
}
