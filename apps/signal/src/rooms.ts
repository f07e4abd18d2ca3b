import { setImmediate } from 'node:timers'
import type { Millis } from '@skein/protocol'
import {
  createRoom,
  deadline,
  isEmpty,
  type Room,
  type RoomEffect,
  type RoomInput,
  type RoomOptions,
  type RoomPolicy,
  step,
} from '@skein/protocol/room'
import type { Bus } from './bus/bus.ts'
import { errorFields, type Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { answerToFailure, answerToNothing, mustHappen } from './room-answers.ts'
import type { Store, StoreMoment } from './store/store.ts'

/** An input on its way to the core. */
export interface Queued {
  readonly input: RoomInput
  /** Whether it may make the room when there is none. */
  readonly mayOpen: boolean
}

export interface RoomsOptions {
  readonly store: Store
  readonly bus: Bus
  readonly policy: RoomPolicy
  /** `null`: tokens of an earlier life of this server cannot exist. */
  readonly rebuild: RebuildWindow | null
  readonly retryMs: Millis
  readonly metrics: Metrics
  readonly log: Log
}

/** Store times in the young life of a server. */
export interface RebuildWindow {
  /** Until when a fresh join to an unknown room waits for a resume. */
  readonly gatherUntil: Millis
  /** Until when tokens of an earlier life are accepted. */
  readonly acceptUntil: Millis
}

/** The rooms this node serves: the one caller of `step`. */
export class Rooms {
  readonly #options: RoomsOptions
  readonly #rooms = new Map<string, LocalRoom>()
  #isFrozen = false

  constructor(options: RoomsOptions) {
    this.#options = options
  }

  /** Hands an input to its room. Inputs that come together are stepped together. */
  dispatch(name: string, queued: Queued): void {
    // A server that is going away keeps its members where they are: the next one gathers them.
    if (this.#isFrozen && queued.input.type === 'lost') return
    const room = this.#rooms.get(name) ?? this.#open(name)
    room.queue.push(queued)
    this.#start(room)
  }

  /** The room as last committed: enough to route signals, which change nothing. */
  snapshot(name: string): Room | null {
    return this.#rooms.get(name)?.snapshot ?? null
  }

  get size(): number {
    return this.#rooms.size
  }

  /** From now on no time passes for the rooms, and nobody is lost. */
  freeze(): void {
    this.#isFrozen = true
    for (const room of this.#rooms.values()) clearTimeout(room.timer)
  }

  #open(name: string): LocalRoom {
    const room: LocalRoom = {
      name,
      queue: [],
      isRunning: false,
      snapshot: null,
      clockOffsetMs: 0,
      timer: undefined,
    }
    this.#rooms.set(name, room)
    return room
  }

  #start(room: LocalRoom): void {
    if (room.isRunning) return
    room.isRunning = true
    // After all sockets that are readable now were read.
    setImmediate(() => void this.#run(room))
  }

  async #run(room: LocalRoom): Promise<void> {
    let waitMs = 0
    while (room.queue.length > 0) {
      const batch = room.queue
      room.queue = []
      try {
        await this.#commit(room, batch)
      } catch (error) {
        waitMs = this.#options.retryMs
        this.#fail(room, { batch, error })
      }
    }
    room.isRunning = false
    this.#schedule(room, waitMs)
  }

  async #commit(room: LocalRoom, batch: readonly Queued[]): Promise<void> {
    const startedAt = performance.now()
    const { room: snapshot, outcome } = await this.#options.store.update(
      room.name,
      (current, moment) => this.#fold(room.name, { current, batch, moment }),
    )
    this.#options.metrics.storeTook(performance.now() - startedAt)
    room.snapshot = snapshot
    room.clockOffsetMs = outcome.now - performance.now()
    room.queue.unshift(...batch.slice(outcome.handled))
    this.#options.bus.publish(outcome.effects)
  }

  /** Pure but for the log: a store may run it again. */
  #fold(name: string, { current, batch, moment }: Fold): readonly [Room | null, Outcome] {
    const startedAt = performance.now()
    const effects: RoomEffect[] = []
    let room = current
    let handled = 0
    for (const { input, mayOpen } of batch) {
      handled += 1
      const found = room ?? (mayOpen ? createRoom(this.#newRoom(name, { moment, input })) : null)
      if (found === null) effects.push(...answerToNothing(input))
      else room = this.#step(found, { input, now: moment.now, effects })
      // A room that has emptied ends here: who comes next finds a new one, with a higher epoch.
      if (room !== null && isEmpty(room)) {
        room = null
        break
      }
    }
    this.#options.metrics.stepTook(performance.now() - startedAt)
    return [room, { effects, handled, now: moment.now }]
  }

  #step(room: Room, { input, now, effects }: StepOptions): Room {
    try {
      const [next, more] = step(room, input, now)
      effects.push(...more)
      return next
    } catch (error) {
      this.#options.log.error({ ...errorFields(error), input: input.type }, 'a step failed')
      effects.push(...answerToFailure(input))
      return room
    }
  }

  #newRoom(
    name: string,
    { moment, input }: { readonly moment: StoreMoment; readonly input: RoomInput },
  ): RoomOptions {
    const { policy, rebuild } = this.#options
    const { now, epoch } = moment
    if (rebuild === null || now >= rebuild.acceptUntil) {
      return { name, epoch, policy, gatherUntil: null, keepUntil: null }
    }
    const keepUntil = rebuild.acceptUntil
    // A token of an earlier life shows that the room was there: the others will come back too.
    if (input.type === 'resume') {
      return { name, epoch, policy, gatherUntil: now + policy.rebuildMs, keepUntil }
    }
    const gatherUntil = now < rebuild.gatherUntil ? rebuild.gatherUntil : null
    return { name, epoch, policy, gatherUntil, keepUntil }
  }

  /** Nothing was committed: who waits for an answer gets one, what must happen is tried again. */
  #fail(room: LocalRoom, { batch, error }: Failure): void {
    this.#options.metrics.storeFailed()
    this.#options.log.error(errorFields(error), 'a change of a room was not stored')
    this.#options.bus.publish(batch.flatMap(({ input }) => answerToFailure(input)))
    const again = batch.filter(({ input }) => mustHappen(input))
    if (again.length === 0) return
    const retry = (): void => {
      for (const queued of again) this.dispatch(room.name, queued)
    }
    setTimeout(retry, this.#options.retryMs).unref()
  }

  #schedule(room: LocalRoom, atLeastMs: Millis): void {
    clearTimeout(room.timer)
    if (room.snapshot === null) {
      if (this.#rooms.get(room.name) === room) this.#rooms.delete(room.name)
      return
    }
    const due = deadline(room.snapshot)
    if (due === null || this.#isFrozen) return
    const now = performance.now() + room.clockOffsetMs
    const delayMs = Math.min(Math.max(due - now, atLeastMs), maxTimerMs)
    const tick = (): void => this.dispatch(room.name, { input: { type: 'tick' }, mayOpen: false })
    room.timer = setTimeout(tick, delayMs).unref()
  }
}

interface LocalRoom {
  readonly name: string
  queue: Queued[]
  isRunning: boolean
  snapshot: Room | null
  /** What to add to `performance.now()` to get the store's clock. */
  clockOffsetMs: Millis
  timer: NodeJS.Timeout | undefined
}
interface Outcome {
  readonly now: Millis
  readonly effects: readonly RoomEffect[]
  readonly handled: number
}
interface Fold {
  readonly current: Room | null
  readonly batch: readonly Queued[]
  readonly moment: StoreMoment
}
interface StepOptions {
  readonly input: RoomInput
  readonly now: Millis
  readonly effects: RoomEffect[]
}
interface Failure {
  readonly batch: readonly Queued[]
  readonly error: unknown
}

/** The longest time that setTimeout takes. */
const maxTimerMs = 2 ** 31 - 1
