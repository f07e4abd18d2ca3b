import type { Room } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import type { HostTask } from './registration.ts'

export interface HostTasksOptions {
  readonly room: Room
  /** Called when a task throws. */
  readonly onError: (error: SkeinError) => void
}

interface Run {
  /** The host term in which it runs. */
  readonly hostTerm: string
  readonly stop: AbortController
}

/** Runs tasks while this peer is the host: once per host term, aborted when the term ends. */
export class HostTasks {
  readonly #options: HostTasksOptions
  readonly #runs = new Map<HostTask, Run>()

  constructor(options: HostTasksOptions) {
    this.#options = options
  }

  /** Aborts and starts tasks so that exactly the given ones run, or none without the role. */
  update(tasks: ReadonlySet<HostTask>): void {
    const { room } = this.#options
    const isHost = room.isHost && room.status !== 'closed'
    const hostTerm = isHost ? `${room.epoch} ${room.term}` : null
    for (const [task, run] of this.#runs) {
      if (run.hostTerm === hostTerm && tasks.has(task)) continue
      run.stop.abort()
      this.#runs.delete(task)
    }
    if (hostTerm === null) return
    for (const task of tasks) {
      if (!this.#runs.has(task)) this.#runs.set(task, { hostTerm, stop: this.#start(task) })
    }
  }

  #start({ task }: HostTask): AbortController {
    const { room, onError } = this.#options
    const { term } = room
    const stop = new AbortController()
    const { signal } = stop
    // Never within the call that adds it, or the event that gives this peer the role.
    Promise.resolve()
      .then(() => (signal.aborted ? undefined : task({ term, signal })))
      .catch((cause: unknown) => {
        // An aborted task may well throw the reason of its signal.
        if (!signal.aborted) onError(new SkeinError('handler-failed', { message: 'asHost', cause }))
      })
    return stop
  }
}
