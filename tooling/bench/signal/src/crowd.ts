import { randomBytes } from 'node:crypto'
import type { Dialect } from './dialect.ts'
import type { Generator } from './generator.ts'
import { traffic } from './traffic.ts'

export interface CrowdOptions {
  readonly dialect: Dialect
  /** With several, the members take them in turn. */
  readonly ports: readonly number[]
  readonly roomSize: number
  /** Whose rooms are joined; by default no crowd's but their own. */
  readonly joins?: Crowd
  /** The most that will ever be opened. */
  readonly capacity: number
}

export interface Opened {
  readonly joined: number
  readonly lost: number
  /** From connect to welcome, in µs. */
  readonly p50: number
  readonly p99: number
}

export interface Opening {
  readonly count: number
  readonly atOnce: number
}

export interface Flood {
  readonly inFlight: number
  readonly warmMs: number
  readonly windowMs: number
  /** The processes whose CPU time counts. */
  readonly pids: readonly number[]
}

/** CPU as shares of a core. */
export interface Flooded {
  readonly perSecond: number
  readonly serverCpu: number
  readonly generatorCpu: number
}

export interface Steady {
  readonly perSecond: number
  readonly windowMs: number
  readonly pids: readonly number[]
}

export interface FanOut {
  readonly joiners: Crowd
  readonly count: number
  readonly pids: readonly number[]
}

/** Times in µs. */
export interface Timed {
  readonly sent: number
  readonly arrived: number
  readonly p50: number
  readonly p99: number
  readonly cpuMs: number
}

/** Connections of the generator to one contestant. */
export class Crowd {
  readonly group: number
  /** What its rooms are called after. */
  readonly name: string
  readonly #dialect: Dialect
  readonly #generator: Generator

  private constructor(generator: Generator, { dialect, group, name }: CrowdParts) {
    this.#generator = generator
    this.#dialect = dialect
    this.group = group
    this.name = name
  }

  static async gather(generator: Generator, options: CrowdOptions): Promise<Crowd> {
    const { dialect, ports, roomSize, capacity } = options
    const name = options.joins?.name ?? randomBytes(6).toString('hex')
    const where = [dialect.path, dialect.protocol]
    const [group = 0] = await generator.order('group', ports.join(), roomSize, capacity, ...where)
    const { order } = generator
    for (const { after, say } of dialect.steps)
      await order('step', group, after, say.replace('%c', name))
    await order('welcome', group, dialect.welcome.begins, dialect.welcome.idAfter)
    for (const begins of dialect.signals) await order('signal', group, begins)
    for (const signal of traffic) await order('template', group, dialect.signal(signal))
    await order('told', group, dialect.told)
    if (dialect.answer) await order('answer', group, dialect.answer.ask, dialect.answer.say)
    return new Crowd(generator, { dialect, group, name })
  }

  /** Those that are let in later, one by one; gives how many are ready. */
  async prepare(count: number): Promise<void> {
    await this.#order('hold')
    const [ready] = await this.#order('ready', count)
    if (ready !== count) throw new Error(`${ready} of ${count} are ready to join`)
  }

  async open({ count, atOnce }: Opening): Promise<Opened> {
    const answers = await this.#order('open', count, atOnce, openTimeoutMs)
    const [joined = 0, lost = 0, p50 = 0, p99 = 0] = answers
    return { joined, lost, p50, p99 }
  }

  /** Opens that many and fails unless all of them have joined. */
  async openAll(opening: Opening): Promise<void> {
    const { joined } = await this.open(opening)
    if (joined !== opening.count) throw new Error(`${joined} of ${opening.count} have joined`)
  }

  /** The members 0 and 1, 2 and 3, … are pairs from now on: the first signals to the second. */
  async pair(): Promise<void> {
    await this.#order('pair')
  }

  /** Keeps so many signals of each pair on their way. */
  async flood({ inFlight, warmMs, windowMs, pids }: Flood): Promise<Flooded> {
    await this.#keepAlive()
    const answers = await this.#order('flood', inFlight, warmMs, windowMs, ...pids)
    const [arrived = 0, us = 0, serverMs = 0, generatorMs = 0, missing = 0] = answers
    complain(missing)
    return {
      perSecond: (arrived / us) * 1e6,
      serverCpu: (serverMs / us) * 1e3,
      generatorCpu: (generatorMs / us) * 1e3,
    }
  }

  /** Sends at an even pace, whatever comes of it. */
  async steady({ perSecond, windowMs, pids }: Steady): Promise<Timed> {
    await this.#keepAlive()
    const answers = await this.#order('steady', Math.round(perSecond), windowMs, ...pids)
    const [sent = 0, arrived = 0, p50 = 0, p99 = 0, cpuMs = 0, missing = 0] = answers
    complain(missing)
    return { sent, arrived, p50, p99, cpuMs }
  }

  /** Lets the joiners in one by one, each when all of the room have heard of the one before. */
  async fanOut({ joiners, count, pids }: FanOut): Promise<Timed> {
    const { leave } = this.#dialect
    const answers = await this.#order('fan', joiners.group, count, leave, ...pids)
    const [arrived = 0, p50 = 0, p99 = 0, cpuMs = 0] = answers
    if (arrived !== count) throw new Error(`of ${count} joins ${arrived} were told to all`)
    return { sent: count, arrived, p50, p99, cpuMs }
  }

  /** All leave, those that know how in good order. */
  async close(): Promise<void> {
    await this.#order('close', this.#dialect.leave)
  }

  async #keepAlive(): Promise<void> {
    const { keepAlive } = this.#dialect
    if (keepAlive !== undefined) await this.#order('say', keepAlive)
  }

  #order(name: string, ...fields: readonly (string | number)[]): Promise<readonly number[]> {
    return this.#generator.order(name, this.group, ...fields)
  }
}

interface CrowdParts {
  readonly dialect: Dialect
  readonly group: number
  readonly name: string
}

/** On a machine that does other work too. */
const openTimeoutMs = 90_000

const complain = (missing: number): void => {
  if (missing > 0) throw new Error(`${missing} signals have not arrived`)
}
