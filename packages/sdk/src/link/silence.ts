import type { Millis } from '@skein/protocol'
import * as limits from './limits.ts'

/**
 * How long nothing was heard on a path that is thought to be good, when to ask for a sign of life, and
 * when the silence is too long. It has no clock: time comes with each call.
 */
export class Silence {
  /** When something was heard last, without the time in which this page's timers stood still. */
  heardAt: Millis
  /** Until then the application uses the link. */
  busyUntil: Millis = 0
  /** The page is hidden: its timers run once a second. */
  isHidden = false
  rttMs: Millis = 0
  /** When the first ping since `heardAt` was sent; `null` if none was. */
  #pingedAt: Millis | null = null
  /** Until then the network may have changed, and a shorter silence is too long. */
  #sharpUntil: Millis = 0

  constructor(now: Millis) {
    this.heardAt = now
  }

  heard(now: Millis): void {
    this.heardAt = now
    this.#pingedAt = null
  }

  /** Something was sent that the other side answers. */
  asked(now: Millis): void {
    this.#pingedAt ??= now
  }

  /** The application uses the link. Returns whether it did not before. */
  used(now: Millis): boolean {
    const wasIdle = this.busyUntil < now
    this.busyUntil = now + limits.busyMs
    return wasIdle
  }

  sharpen(now: Millis): void {
    this.#sharpUntil = now + limits.sharpMs
  }

  /** A hidden or sleeping page runs timers late, and what has arrived waits to be read. */
  skip(lateMs: Millis): void {
    this.heardAt += lateMs
    if (this.#pingedAt !== null) this.#pingedAt += lateMs
  }

  isPingDue(now: Millis): boolean {
    // As `nextAt` adds: the difference may come out smaller, and the timer would not move on.
    return now >= this.heardAt + this.#pingMs(now)
  }

  /** How long an answer has been missing; 0 if none is expected. */
  waitedMs(now: Millis): Millis {
    return now - (this.#pingedAt ?? now)
  }

  isTooLong(now: Millis): boolean {
    const usualMs = now < this.#sharpUntil ? limits.sharpAnswerMs : limits.answerMs
    return this.waitedMs(now) >= Math.max(usualMs, limits.roundTrips * this.rttMs)
  }

  /** When to look again. */
  nextAt(now: Millis): Millis {
    return this.#pingedAt === null ? this.heardAt + this.#pingMs(now) : now + limits.pingMs
  }

  #pingMs(now: Millis): Millis {
    const isBusy = now < Math.max(this.busyUntil, this.#sharpUntil)
    if (this.isHidden) return isBusy ? limits.hiddenPingMs : limits.idleHiddenPingMs
    return isBusy ? limits.busyPingMs : limits.idlePingMs
  }
}
