import type { Millis } from '@skein/protocol'

/** Something that is looked at once a round. */
export interface HeartbeatTarget {
  slice: number
  readonly visit: (now: Millis) => void
}

/**
 * Looks at each connection once a round, a slice at a time: one loop over 10,000 connections stalls
 * everybody for over 100 ms, and a timer for each costs more.
 */
export class Heartbeat {
  readonly #slices: readonly Set<HeartbeatTarget>[] = Array.from(
    { length: sliceCount },
    () => new Set(),
  )
  #next = 0

  add(patient: HeartbeatTarget): void {
    patient.slice = this.#next
    this.#next = (this.#next + 1) % sliceCount
    this.#slices[patient.slice]?.add(patient)
  }

  delete(patient: HeartbeatTarget): void {
    this.#slices[patient.slice]?.delete(patient)
  }

  /** Visits one slice; `turn` counts up with each call. */
  visit(turn: number, now: Millis): void {
    for (const patient of this.#slices[turn % sliceCount] ?? []) patient.visit(now)
  }
}

/** With maintenance of 5 s a slice is due every 50 ms, and holds 200 of 20,000 connections. */
export const sliceCount = 100
