import type { ClientMessage, Millis } from '@skein/protocol'
import { type Rate, TokenBucket } from './token-bucket.ts'

/** The rates of one kind of connection. */
export interface FrameRates {
  readonly signals: Rate
  readonly updates: Rate
  readonly others: Rate
}

/** More refusals than this in the window is no impatience but abuse. */
const maxRefusals = 200
const refusalWindowMs = 10_000
/** More bad messages than this in the window: the client does not speak the protocol. */
const maxBadMessages = 20
const badMessageWindowMs = 60_000

/** What one connection may send; buckets come into being when first needed, most never are. */
export class FrameLimits {
  #signals: TokenBucket | null = null
  #updates: TokenBucket | null = null
  #others: TokenBucket | null = null
  #refusals: Window | null = null
  #badMessages: Window | null = null
  #isPongDue = false

  /** 0: go on; else the milliseconds until such a message may come again. */
  take(rates: FrameRates, type: ClientMessage['type'], now: Millis): Millis {
    if (type === 'signal') {
      this.#signals ??= new TokenBucket(rates.signals, now)
      return this.#signals.take(rates.signals, now)
    }
    if (type === 'update') {
      this.#updates ??= new TokenBucket(rates.updates, now)
      return this.#updates.take(rates.updates, now)
    }
    // Nobody is told to stay.
    if (type === 'leave') return 0
    this.#others ??= new TokenBucket(rates.others, now)
    return this.#others.take(rates.others, now)
  }

  /** The client was asked for a sign of life. */
  pinged(): void {
    this.#isPongDue = true
  }

  /** True for the first pong after a ping: it costs the client nothing. */
  takePong(): boolean {
    const wasDue = this.#isPongDue
    this.#isPongDue = false
    return wasDue
  }

  /** Counts a rejection; true when there were too many. */
  isAbusive(now: Millis): boolean {
    this.#refusals = counted(this.#refusals, { now, windowMs: refusalWindowMs })
    return this.#refusals.count > maxRefusals
  }

  /** Counts a bad message; true when there were too many. */
  isBroken(now: Millis): boolean {
    this.#badMessages = counted(this.#badMessages, { now, windowMs: badMessageWindowMs })
    return this.#badMessages.count > maxBadMessages
  }
}

interface Window {
  readonly since: Millis
  readonly count: number
}

const counted = (
  window: Window | null,
  { now, windowMs }: { readonly now: Millis; readonly windowMs: Millis },
): Window =>
  window === null || now - window.since >= windowMs
    ? { since: now, count: 1 }
    : { since: window.since, count: window.count + 1 }
