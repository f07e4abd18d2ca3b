import type { Room } from '../api.ts'

/** One task of `asHost`, and the run of it that is under way. */
export interface Duty {
  readonly task: Parameters<Room['asHost']>[0]
  /** `null` while it does not run. */
  run: { readonly reign: string; readonly stop: AbortController } | null
}

export interface ReignTasksOptions {
  readonly room: Room
  readonly duties: ReadonlySet<Duty>
  readonly failed: (error: unknown) => void
}

/** Runs tasks while I host: each reign of mine anew, aborted when it ends. */
export class ReignTasks {
  readonly #options: ReignTasksOptions

  constructor(options: ReignTasksOptions) {
    this.#options = options
  }

  /** Brings what runs in line with the room. */
  update(): void {
    const { room, duties } = this.#options
    const isMine = room.isHost && room.status !== 'closed'
    const reign = isMine ? `${room.epoch} ${room.term}` : null
    for (const duty of duties) {
      if ((duty.run?.reign ?? null) === reign) continue
      duty.run?.stop.abort()
      duty.run = reign === null ? null : { reign, stop: this.#start(duty.task) }
    }
  }

  #start(task: Duty['task']): AbortController {
    const { room, failed } = this.#options
    const { term } = room
    const stop = new AbortController()
    const { signal } = stop
    // Never inside of the call that adds it, or of the event that makes me host.
    Promise.resolve()
      .then(() => (signal.aborted ? undefined : task({ term, signal })))
      .catch((error: unknown) => {
        // A task that is told to stop may well throw what its signal says.
        if (!signal.aborted) failed(error)
      })
    return stop
  }
}
