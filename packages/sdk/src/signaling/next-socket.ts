import type { Millis } from '@skein/protocol'
import type { Clock } from '../time/clock.ts'
import { createTimer, type RestartableTimer } from '../time/restartable-timer.ts'
import * as limits from './limits.ts'

/** The socket that takes the place of the one in use as soon as it is welcomed. One at a time. */
export class NextSocket {
  /** `null`: none is on its way. */
  current: WebSocket | null = null
  readonly #clock: Clock
  readonly #timer: RestartableTimer
  #createdAt: Millis = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#timer = createTimer(clock)
  }

  /** `late`: it did not open in time, or was not welcomed in time. */
  start(socket: WebSocket, opened: () => void, late: () => void): void {
    this.current = socket
    this.#createdAt = this.#clock.now()
    this.#timer(limits.connectMs, late)
    socket.onopen = () => {
      if (socket !== this.current) return
      this.#timer(limits.joinMs, late)
      opened()
    }
  }

  /** It is in use now, or lost. */
  clear(): void {
    this.current = null
    this.#timer()
  }

  /** Closes one that was created by then, unless it is open: it is about to be welcomed. */
  abandon(createdBy: Millis = this.#createdAt): void {
    if (this.current?.readyState === 0 && this.#createdAt <= createdBy) this.close()
  }

  close(): void {
    const socket = this.current
    this.clear()
    socket?.close()
  }
}
