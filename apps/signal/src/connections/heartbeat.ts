import type { Millis } from '@skein/protocol'

/** Something that is checked once per heartbeat round. */
export interface HeartbeatTarget {
  slice: number
  readonly checkLiveness: (now: Millis) => void
}

/**
 * Checks each connection once per round, one slice at a time: a single loop over 10,000 connections
 * stalls the event loop for over 100 ms, and a timer for each connection costs more.
 */
export class Heartbeat {
  readonly #slices: readonly Set<HeartbeatTarget>[] = Array.from(
    { length: sliceCount },
    () => new Set(),
  )
  #nextSlice = 0
  #stalledMs: Millis = 0

  /** The time that liveness is measured by. It stands still while the process does. */
  clock(now: Millis): Millis {
    return now - this.#stalledMs
  }

  /**
   * The process stood still for that long. Whatever clients sent meanwhile still waits in their
   * sockets, so none of them was silent.
   */
  noteStall(stalledMs: Millis): void {
    this.#stalledMs += stalledMs
  }

  add(target: HeartbeatTarget): void {
    target.slice = this.#nextSlice
    this.#nextSlice = (this.#nextSlice + 1) % sliceCount
    this.#slices[target.slice]?.add(target)
  }

  delete(target: HeartbeatTarget): void {
    this.#slices[target.slice]?.delete(target)
  }

  /** Checks one slice. `tick` increases by one with each call. */
  checkSlice(tick: number, now: Millis): void {
    for (const target of this.#slices[tick % sliceCount] ?? []) target.checkLiveness(now)
  }
}

/**
 * Checks the connections of hosts more often: while a host that is gone counts as online, no other
 * member can take over.
 */
export class HostWatch {
  readonly #hosts = new Set<HeartbeatTarget>()

  set(target: HeartbeatTarget, isHost: boolean): void {
    if (isHost) this.#hosts.add(target)
    else this.#hosts.delete(target)
  }

  check(now: Millis): void {
    for (const host of this.#hosts) host.checkLiveness(now)
  }
}

/** In a round of 5 s a slice is due every 50 ms, and holds 200 of 20,000 connections. */
export const sliceCount = 100
