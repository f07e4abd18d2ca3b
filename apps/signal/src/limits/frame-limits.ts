import type { ClientMessage, Millis } from '@skein/protocol'
import { type Rate, TokenBucket } from './token-bucket.ts'

/** The rates at which a connection may send messages. */
export interface FrameRates {
  readonly signals: Rate
  /** Updates that are applied. Those above the rate wait, and only the newest is kept. */
  readonly updates: Rate
  /** Updates that are read, applied or not. */
  readonly updateFrames: Rate
  readonly others: Rate
}

/** More rejections than this within the window count as abuse. */
const maxRejections = 200
const rejectionWindowMs = 10_000
/** A client with more bad messages than this within the window does not implement the protocol. */
const maxBadMessages = 20
const badMessageWindowMs = 60_000

/** Rate limits for one connection. Buckets are created on first use; most are never needed. */
export class FrameLimits {
  #signals: TokenBucket | null = null
  #updates: TokenBucket | null = null
  #updateFrames: TokenBucket | null = null
  #others: TokenBucket | null = null
  #rejections: Window | null = null
  #badMessages: Window | null = null
  #isPongDue = false

  /** Takes a message: 0 if allowed, otherwise the milliseconds until the next one is. */
  take(rates: FrameRates, type: ClientMessage['type'], now: Millis): Millis {
    if (type === 'signal') {
      this.#signals ??= new TokenBucket(rates.signals, now)
      return this.#signals.take(rates.signals, now)
    }
    // A client may always leave.
    if (type === 'leave' || type === 'away') return 0
    this.#others ??= new TokenBucket(rates.others, now)
    return this.#others.take(rates.others, now)
  }

  /** Takes an update to apply: 0 if allowed, otherwise the milliseconds until one is. */
  takeUpdate(rates: FrameRates, now: Millis): Millis {
    this.#updates ??= new TokenBucket(rates.updates, now)
    return this.#updates.take(rates.updates, now)
  }

  /** Counts an update that was read; returns for how long the connection must not be read. */
  spendUpdateFrame(rates: FrameRates, now: Millis): Millis {
    this.#updateFrames ??= new TokenBucket(rates.updateFrames, now)
    return this.#updateFrames.spend(rates.updateFrames, 1, now)
  }

  /** Notes that a ping was sent, so that the next pong is free. */
  pingSent(): void {
    this.#isPongDue = true
  }

  /** True for the first pong after a ping; any other counts as a message. */
  takePong(): boolean {
    const wasDue = this.#isPongDue
    this.#isPongDue = false
    return wasDue
  }

  /** Counts a rejected message; true when there were too many. */
  countRejection(now: Millis): boolean {
    this.#rejections = increment(this.#rejections, { now, windowMs: rejectionWindowMs })
    return this.#rejections.count > maxRejections
  }

  /** Counts a bad message; true when there were too many. */
  countBadMessage(now: Millis): boolean {
    this.#badMessages = increment(this.#badMessages, { now, windowMs: badMessageWindowMs })
    return this.#badMessages.count > maxBadMessages
  }
}

interface Window {
  readonly since: Millis
  readonly count: number
}

const increment = (
  window: Window | null,
  { now, windowMs }: { readonly now: Millis; readonly windowMs: Millis },
): Window =>
  window === null || now - window.since >= windowMs
    ? { since: now, count: 1 }
    : { since: window.since, count: window.count + 1 }
