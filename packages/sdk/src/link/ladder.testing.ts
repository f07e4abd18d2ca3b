import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts'
import type { Attempt, LadderActions } from './attempt.ts'
import { Ladder } from './ladder.ts'

/** One side of a connection between two ladders. */
export class TestAttempt implements Attempt {
  readonly via = null
  isOpen = false
  isAnswered = true
  isGone = false
  readonly number: number
  readonly side: TestSide
  other: TestAttempt | null = null

  constructor(number: number, side: TestSide) {
    this.number = number
    this.side = side
  }
}

/** What one ladder did, and what its connections carry. */
export class TestSide implements LadderActions<TestAttempt> {
  readonly ladder: Ladder<TestAttempt>
  readonly attempts = new Set<TestAttempt>()
  /** Each choice, in order. */
  readonly chosen: number[] = []
  readonly calls: number[] = []
  /** What the other side has said that it chose: its numbers, by connection. */
  readonly uses = new Map<number, number>()
  readonly problems: string[] = []
  state = 'connecting'
  isInterrupted = true
  readonly #world: LadderWorld

  constructor(world: LadderWorld, isPolite: boolean) {
    this.#world = world
    const { clock, random } = world
    this.ladder = new Ladder({ actions: this, isPolite, random, now: clock.now() })
  }

  tell(task: (ladder: Ladder<TestAttempt>, now: number) => void): void {
    const { clock } = this.#world
    task(this.ladder, clock.now())
    const { nextAt } = this.ladder
    if (nextAt >= this.#tickAt) return
    this.#tickAt = nextAt
    this.#cancel()
    this.#cancel = clock.after(nextAt - clock.now(), () => {
      this.#tickAt = Infinity
      this.tell((ladder, now) => ladder.tick(now))
      if (this.ladder.nextAt <= clock.now()) this.problems.push('a timer that is due at once')
    })
  }
  #tickAt = Infinity
  #cancel = () => {}

  canCall(): boolean {
    return this.#world.isSignalingUp
  }
  call(): void {
    this.calls.push(this.#world.clock.now())
    this.#world.connect(this)
  }
  choose(attempt: TestAttempt, use: number): void {
    if (this.chosen.includes(attempt.number)) this.problems.push('chosen twice')
    if (!attempt.isOpen) this.problems.push('chosen, but not open')
    const heard = this.uses.get(attempt.number) ?? Infinity
    if (heard < Math.max(...this.uses.values())) this.problems.push('the other side has left it')
    this.chosen.push(attempt.number)
    this.isInterrupted = false
    this.#world.send(attempt, (ladder, other, now) => {
      other.side.uses.set(other.number, use)
      ladder.used(other, use, now)
    })
  }
  interrupt(): void {
    this.isInterrupted = true
  }
  drop(attempt: TestAttempt): void {
    if (!this.attempts.delete(attempt)) this.problems.push('dropped twice')
    this.#world.close(attempt)
  }
  ping(attempt: TestAttempt): void {
    this.#world.send(attempt, (_ladder, other) => this.#world.send(other, () => {}))
  }
  note(): void {}
  checkServer(): void {}
  renewServer(): void {}
  setState(state: string): void {
    this.state = state
  }
}

/** Delivers on the other side of a connection. */
type Delivery = (ladder: Ladder<TestAttempt>, other: TestAttempt, now: number) => void

/** Two ladders, and connections that lose, delay and end. In order on each, in any order between. */
export class LadderWorld {
  readonly clock: VirtualClock = virtualClock()
  readonly random: () => number
  readonly a: TestSide
  readonly b: TestSide
  isSignalingUp = true
  #isPathUp = true
  /** What cannot get through now. SCTP sends it again. */
  #waiting: (() => void)[] = []
  readonly #maxDelayMs: number
  #count = 0
  readonly #lastAt = new Map<TestAttempt, number>()

  constructor(random: () => number, maxDelayMs: number) {
    this.random = random
    this.#maxDelayMs = maxDelayMs
    this.a = new TestSide(this, false)
    this.b = new TestSide(this, true)
    for (const side of [this.a, this.b]) side.tell((ladder, now) => ladder.tick(now))
  }

  get isPathUp(): boolean {
    return this.#isPathUp
  }

  set isPathUp(isPathUp: boolean) {
    this.#isPathUp = isPathUp
    if (isPathUp) this.#later(() => this.#flush())
  }

  /** That side has made an offer. */
  connect(side: TestSide): void {
    const other = side === this.a ? this.b : this.a
    this.#count += 1
    const mine = new TestAttempt(this.#count, side)
    side.attempts.add(mine)
    side.tell((ladder, now) => ladder.added(mine, {}, now))
    this.#later(() => {
      if (mine.isGone || !this.isSignalingUp) return
      const theirs = new TestAttempt(mine.number, other)
      mine.other = theirs
      theirs.other = mine
      other.attempts.add(theirs)
      other.tell((ladder, now) => ladder.added(theirs, { isOffered: true }, now))
      this.#openSoon(mine)
      this.#openSoon(theirs)
    })
  }

  send(attempt: TestAttempt, deliver: Delivery): void {
    const { other } = attempt
    if (!other || attempt.isGone) return
    const at = Math.max(this.#lastAt.get(attempt) ?? 0, this.clock.now() + this.#delay())
    this.#lastAt.set(attempt, at)
    this.clock.after(at - this.clock.now(), () => this.#arrive(attempt, deliver))
  }

  close(attempt: TestAttempt): void {
    attempt.isGone = true
    attempt.isOpen = false
    const { other } = attempt
    this.#later(() => other && this.end(other))
  }

  /** A connection fails or closes. */
  end(attempt: TestAttempt): void {
    if (attempt.isGone) return
    attempt.side.tell((ladder, now) => ladder.ended(attempt, now))
  }

  #arrive(attempt: TestAttempt, deliver: Delivery): void {
    const { other } = attempt
    if (!other || attempt.isGone || other.isGone) return
    if (!(this.isPathUp && other.isOpen)) {
      this.#waiting.push(() => this.#arrive(attempt, deliver))
      return
    }
    other.side.tell((ladder, now) => ladder.heard(other, now))
    other.side.tell((ladder, now) => deliver(ladder, other, now))
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const task of waiting) task()
  }

  #openSoon(attempt: TestAttempt): void {
    this.#later(() => {
      if (attempt.isGone) return
      if (!this.isPathUp) return void this.clock.after(250, () => this.#openSoon(attempt))
      attempt.isOpen = true
      attempt.side.tell((ladder, now) => ladder.opened(attempt, now))
      this.#flush()
    })
  }

  #later(task: () => void): void {
    this.clock.after(this.#delay(), task)
  }

  #delay(): number {
    return this.random() * this.#maxDelayMs
  }
}
