import type { Millis } from '@skein/protocol'
import type { LinkState } from '../api.ts'
import type { Attempt, AttemptEntry, AttemptKind, LadderActions, LadderOptions } from './attempt.ts'
import * as limits from './limits.ts'
import type { LinkEvent } from './link.ts'
import { Silence } from './silence.ts'

/**
 * Decides what a link does when its path breaks: it makes a new connection beside the old one, and
 * the first of them that carries anything carries the data from then on. It knows neither clock nor
 * platform: time comes with each call, `nextAt` says when to call `tick`, and `actions` are to be
 * carried out. Unopened is treated as broken: the same rules open a link and heal it.
 * @see LINKS.md
 */
export class Ladder<Each extends Attempt> {
  /** When `tick` is due. */
  nextAt: Millis
  readonly #actions: LadderActions<Each>
  readonly #isPolite: boolean
  readonly #random: () => number
  readonly #entries = new Map<Each, AttemptEntry>()
  #chosen: Each | null = null
  #state: LinkState = 'connecting'
  #wasOpen = false
  /** The path is broken, or not there yet. */
  #isSuspect = true
  /** Since when. */
  #since: Millis
  readonly #silence: Silence
  /** In the silence of now. */
  #hasCheckedServer = false
  /** When the next attempt is due. */
  #callAt: Millis
  /** The turn of a link that never had a path. */
  #retryMs = limits.retryMs
  /** When the connections that are not needed are closed. */
  #settleAt = Infinity
  /** How often this side has chosen. */
  #uses = 0
  /** The number of the other side's choice that was followed last. */
  #followedUse = 0
  /** The highest such number that has arrived. */
  #lastUse = 0

  constructor({ actions, isPolite, random, now }: LadderOptions<Each>) {
    this.#actions = actions
    this.#isPolite = isPolite
    this.#random = random
    this.#since = now
    this.#silence = new Silence(now)
    this.nextAt = now
    this.#callAt = now + (isPolite ? 0 : limits.firstOfferMs)
  }

  /** The connection that carries the data. */
  get chosen(): Each | null {
    return this.#chosen
  }

  /** Since when the path is broken; `null` if it is not, or the other side has closed the link. */
  get brokenSince(): Millis | null {
    return this.#isSuspect && this.#callAt < Infinity ? this.#since : null
  }

  isBusy(now: Millis): boolean {
    return now < this.#silence.busyUntil
  }

  /** There is a new connection. */
  added(attempt: Each, { isOffered = false, isUpgrade = false }: AttemptKind, now: Millis): void {
    this.#entries.set(attempt, { isLeft: false, peerUse: 0, isUpgrade, addedAt: now })
    // A call of the other side counts as a turn: one attempt at a time is enough for the two.
    if (isOffered) this.#callAt = now + this.#turnMs(now)
    const spare = [...this.#entries.keys()].filter((each) => each !== this.#chosen)
    if (spare.length > limits.maxAttempts && spare[0]) this.#drop(spare[0])
    this.#schedule(now)
  }

  /** The platform refuses to make a connection. */
  refused(reason: string, now: Millis): void {
    if (!this.#chosen) this.#fail(reason, now)
    this.#schedule(now)
  }

  /** The main frame channel of a connection has opened. */
  opened(attempt: Each, now: Millis): void {
    const entry = this.#entries.get(attempt)
    const isBetter = entry && this.#chosen?.via && !attempt.via
    if (entry?.isUpgrade || isBetter) this.#choose(attempt, now)
    else if (entry?.peerUse) this.#follow(attempt, entry.peerUse, now)
    this.heard(attempt, now)
  }

  /** Something has arrived on a connection. */
  heard(attempt: Each, now: Millis): void {
    const entry = this.#entries.get(attempt)
    const isChosen = attempt === this.#chosen
    if (!entry || entry.isLeft || !(isChosen || this.#isSuspect) || !attempt.isOpen) return
    this.#silence.heard(now)
    this.#hasCheckedServer = false
    // Broken: the first connection that carries anything wins.
    if (!isChosen) this.#choose(attempt, now)
    if (this.#isSuspect) this.#recover(now)
  }

  /** The application has sent something. The other side acknowledges it, so silence would tell. */
  sent(now: Millis): void {
    const silence = this.#silence
    if (!silence.used(now) || this.#isSuspect) return
    if (silence.isPingDue(now)) silence.asked(now)
    this.#schedule(now)
  }

  /** Something of the application has arrived. */
  received(now: Millis): void {
    this.#silence.used(now)
  }

  /** The other side has chosen this connection, after `use - 1` others. */
  used(attempt: Each, use: number, now: Millis): void {
    const entry = this.#entries.get(attempt)
    if (entry) entry.peerUse = use
    // Its first frame on a connection that it has left is out of date, and nothing follows.
    this.#lastUse = Math.max(this.#lastUse, use)
    for (const each of this.#entries.values()) {
      each.isLeft ||= each.peerUse > 0 && each.peerUse < this.#lastUse
    }
    if (entry && attempt.isOpen) this.#follow(attempt, use, now)
  }

  /** A connection has failed or closed. */
  ended(attempt: Each, now: Millis): void {
    const { isAnswered } = attempt
    const { addedAt = null } = this.#entries.get(attempt) ?? {}
    if (addedAt === null) return
    this.#drop(attempt)
    if (attempt === this.#chosen) this.#lost(now)
    else if (isAnswered) this.#judge(now - addedAt, now)
    this.#schedule(now)
  }

  /** The round trip sets how long silence is normal. */
  measured(rttMs: Millis): void {
    this.#silence.rttMs = rttMs
  }

  /** `offline`, `online`, another network: what is being made belongs to the old one. */
  networkChanged(now: Millis): void {
    this.#silence.sharpen(now)
    const isQuiet = now - this.#silence.heardAt >= limits.sharpSilenceMs
    if (this.#isSuspect || isQuiet) this.#suspect('network', now)
    else this.#check(now)
  }

  /** The page is visible again, or the server says that the peer is: is the path alive? */
  probe(now: Millis): void {
    this.#silence.sharpen(now)
    if (!this.#isSuspect) this.#check(now)
    else {
      this.#callAt = now
      this.news(now)
    }
  }

  setHidden(isHidden: boolean, now: Millis): void {
    this.#silence.isHidden = isHidden
    this.#schedule(now)
  }

  /**
   * There is a reason to try now: a new socket to the server (what was sent on the last one may be
   * lost), other ICE servers, a member that carries signals, room for one more attempt.
   */
  news(now: Millis): void {
    if (!this.#isSuspect || this.#callAt === Infinity) return
    this.#retryMs = limits.retryMs
    this.#callNow(now)
    this.#schedule(now)
  }

  /** The peer has a new socket. It calls at once if it misses this side. */
  peerIsBack(now: Millis): void {
    this.#callAt = Math.min(this.#callAt, now + limits.nudgeMs)
    this.#schedule(now)
  }

  /** The other side has closed the link on purpose: only a probe, or its offer, opens it again. */
  closedByPeer(now: Millis): void {
    for (const attempt of this.#entries.keys()) this.#drop(attempt)
    this.#interrupt()
    this.#suspectSince('closed', now)
    this.#fail('The peer closed the link.', now)
    this.#callAt = Infinity
    this.#schedule(now)
  }

  /** Time has passed. */
  tick(now: Millis): void {
    this.#silence.skip(Math.max(0, now - this.nextAt))
    if (this.#isSuspect) this.#climb(now)
    else this.#watch(now)
    this.#schedule(now)
  }

  /** The path is thought to be good: asks again whether it is. */
  #watch(now: Millis): void {
    const silence = this.#silence
    if (silence.isPingDue(now)) this.#ask(now)
    if (silence.waitedMs(now) >= limits.checkServerMs && !this.#hasCheckedServer) {
      // Before the path is given up it is known whether the whole network of this side is broken.
      this.#hasCheckedServer = true
      this.#actions.checkServer()
    }
    if (silence.isTooLong(now)) this.#suspect('silent', now)
    else if (now >= this.#settleAt) this.#settle(now)
  }

  /** The path is broken: tries again and again. */
  #climb(now: Millis): void {
    if (this.#state === 'open' && now - this.#silence.heardAt >= limits.repairingMs) {
      this.#setState('repairing')
    }
    const failAt = this.#since + (this.#wasOpen ? limits.lostMs : limits.connectMs)
    if (now >= failAt) this.#fail(this.#reason(), now)
    for (const attempt of this.#usable()) this.#actions.ping(attempt)
    if (now < this.#callAt) return
    if (this.#isHopeless) this.#retryMs = Math.min(2 * this.#retryMs, limits.maxRetryMs)
    this.#callNow(now)
  }

  #ask(now: Millis): void {
    if (this.#chosen) this.#actions.ping(this.#chosen)
    this.#silence.asked(now)
  }

  #check(now: Millis): void {
    this.#ask(now)
    this.#schedule(now)
  }

  /** An answered attempt has ended: what does that say about the path? */
  #judge(ageMs: Millis, now: Millis): void {
    if (ageMs < limits.verdictMs) {
      // Nothing yet: two handshakes got in each other's way.
      this.#callAt = Math.min(this.#callAt, now + limits.climbMs)
    } else if (!this.#wasOpen && this.#state === 'connecting') {
      // ICE has tried every pair of addresses.
      this.#fail(noPath, now)
    }
  }

  #suspect(why: LinkEvent, now: Millis): void {
    if (!this.#isSuspect) this.#suspectSince(why, now)
    for (const attempt of this.#usable()) this.#actions.ping(attempt)
    this.#actions.checkServer()
    this.#callNow(now)
    this.#schedule(now)
  }

  #suspectSince(why: LinkEvent, now: Millis): void {
    this.#actions.note(why)
    this.#isSuspect = true
    this.#since = now
    this.#settleAt = Infinity
    this.#retryMs = limits.retryMs
  }

  #callNow(now: Millis): void {
    this.#callAt = now + this.#turnMs(now)
    if (this.#actions.canCall()) this.#actions.call()
  }

  /** Attempts of different age are likelier to notice a path that returns than a single one. */
  #turnMs(now: Millis): Millis {
    return this.#meanTurnMs(now - this.#since) * (0.97 + 0.06 * this.#random())
  }

  #meanTurnMs(elapsedMs: Millis): Millis {
    if (this.#wasOpen) {
      if (elapsedMs >= limits.patientMs) return limits.retryMs
      return elapsedMs < limits.slowAfterMs ? limits.turnMs : limits.slowTurnMs
    }
    if (this.#isHopeless) return this.#retryMs
    return this.#isAnswered ? limits.slowTurnMs : limits.turnMs
  }

  /** There may be no path at all. */
  get #isHopeless(): boolean {
    return !this.#wasOpen && this.#state === 'failed'
  }

  get #isAnswered(): boolean {
    return [...this.#entries.keys()].some(({ isAnswered }) => isAnswered)
  }

  /** The other side's choice is followed, unless it was made before it knew of this side's. */
  #follow(attempt: Each, use: number, now: Millis): void {
    const entry = this.#entries.get(attempt)
    const chosen = this.#chosen && this.#entries.get(this.#chosen)
    const isPending = !this.#isPolite && chosen?.peerUse === 0
    // Choices on different connections may arrive out of order.
    if (use <= this.#followedUse || entry?.isLeft || isPending) return
    this.#followedUse = use
    if (attempt === this.#chosen) return
    this.#choose(attempt, now)
    if (this.#isSuspect) this.#recover(now)
  }

  #choose(attempt: Each, now: Millis): void {
    const before = this.#chosen && this.#entries.get(this.#chosen)
    if (before) before.isLeft = true
    this.#chosen = attempt
    this.#followedUse = Math.max(this.#followedUse, this.#entries.get(attempt)?.peerUse ?? 0)
    this.#uses += 1
    this.#silence.heard(now)
    this.#settleAt = now + limits.settleMs
    this.#actions.choose(attempt, this.#uses)
  }

  #recover(now: Millis): void {
    this.#isSuspect = false
    this.#wasOpen = true
    this.#settleAt = now + limits.settleMs
    if (this.#state === 'open') this.#actions.note('healed')
    this.#setState('open')
    this.#schedule(now)
  }

  #lost(now: Millis): void {
    this.#interrupt()
    // Firefox reports `failed` milliseconds after its address is gone, and no other sign.
    if (now - this.#silence.heardAt < limits.suddenMs) this.#actions.renewServer()
    // That the old connection fails 15 s later is no news.
    if (this.#isSuspect) return
    const [other] = this.#usable()
    if (other) this.#choose(other, now)
    else this.#suspect('ended', now)
  }

  #interrupt(): void {
    if (!this.#chosen) return
    this.#chosen = null
    this.#actions.interrupt()
  }

  #fail(reason: string, now: Millis): void {
    if (this.#state === 'failed') return
    this.#setState('failed', reason)
    if (!this.#wasOpen) this.#callAt = now + this.#turnMs(now)
  }

  #reason(): string {
    if (this.#wasOpen) return 'The path to the peer was lost.'
    return this.#isAnswered ? noPath : 'The peer did not answer.'
  }

  /** The data goes well on one connection: the others are not needed. */
  #settle(now: Millis): void {
    if (now - this.#silence.heardAt > limits.checkServerMs) {
      this.#settleAt = now + limits.checkServerMs
      return
    }
    this.#settleAt = Infinity
    for (const attempt of this.#entries.keys()) {
      // Through a member is better than nothing, and anything else is better than that.
      const isBetter = this.#chosen?.via && !attempt.via && attempt.isAnswered && !attempt.isOpen
      const isNeeded = attempt === this.#chosen || this.#entries.get(attempt)?.isUpgrade
      if (!(isNeeded || isBetter)) this.#drop(attempt)
    }
  }

  #drop(attempt: Each): void {
    this.#entries.delete(attempt)
    this.#actions.drop(attempt)
  }

  /** Open connections that may carry the data. */
  #usable(): readonly Each[] {
    return [...this.#entries]
      .filter(([each, { isLeft }]) => each.isOpen && !isLeft)
      .map(([each]) => each)
  }

  #setState(state: LinkState, reason: string | null = null): void {
    if (state === this.#state) return
    this.#state = state
    this.#actions.setState(state, reason)
  }

  #schedule(now: Millis): void {
    this.nextAt = this.#isSuspect
      ? Math.min(this.#callAt, now + limits.climbMs)
      : Math.min(this.#silence.nextAt(now), this.#settleAt)
  }
}

export const noPath = 'No path to the peer: a TURN server may be needed.'
