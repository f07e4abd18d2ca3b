import { randomBytes } from 'node:crypto'
import type { Dialect } from './dialect.ts'
import type { Generator } from './generator.ts'
import { traffic } from './traffic.ts'

export interface CrowdOptions {
  readonly dialect: Dialect
  /** With several ports, members are spread over them in turn. */
  readonly ports: readonly number[]
  readonly roomSize: number
  /** The crowd whose rooms are joined; by default this crowd has its own rooms. */
  readonly joins?: Crowd
  /** The maximum number of connections. */
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

/** Connections of the load generator to one contestant. */
export class Crowd {
  readonly group: number
  /** The prefix of its room names. */
  readonly name: string
  readonly #dialect: Dialect
  readonly #generator: Generator

  private constructor(generator: Generator, { dialect, group, name }: CrowdParts) {
    this.#generator = generator
    this.#dialect = dialect
    this.group = group
    this.name = name
  }

  static async create(generator: Generator, options: CrowdOptions): Promise<Crowd> {
    const { dialect, ports, roomSize, capacity } = options
    const name = options.joins?.name ?? randomBytes(6).toString('hex')
    const where = [dialect.path, dialect.protocol]
    const [group = 0] = await generator.command('group', ports.join(), roomSize, capacity, ...where)
    const { command } = generator
    for (const { after, say } of dialect.steps)
      await command('step', group, after, say.replace('%c', name))
    await command('welcome', group, dialect.welcome.begins, dialect.welcome.idAfter)
    for (const begins of dialect.signals) await command('signal', group, begins)
    for (const signal of traffic) await command('template', group, dialect.signal(signal))
    await command('told', group, dialect.told)
    if (dialect.answer) await command('answer', group, dialect.answer.ask, dialect.answer.say)
    return new Crowd(generator, { dialect, group, name })
  }

  /** Opens connections that join later, one by one. */
  async prepare(count: number): Promise<void> {
    await this.#command('hold')
    const [ready] = await this.#command('ready', count)
    if (ready !== count) throw new Error(`${ready} of ${count} clients are ready to join`)
  }

  async open({ count, atOnce }: Opening): Promise<Opened> {
    const answers = await this.#command('open', count, atOnce, openTimeoutMs)
    const [joined = 0, lost = 0, p50 = 0, p99 = 0] = answers
    return { joined, lost, p50, p99 }
  }

  /** Opens `count` connections and fails unless all of them join. */
  async openAll(opening: Opening): Promise<void> {
    const { joined } = await this.open(opening)
    if (joined !== opening.count) throw new Error(`${joined} of ${opening.count} clients joined`)
  }

  /** Pairs the members 0 and 1, 2 and 3, …: the first of each pair signals to the second. */
  async pair(): Promise<void> {
    await this.#command('pair')
  }

  /** Keeps `inFlight` signals of each pair in flight. */
  async flood({ inFlight, warmMs, windowMs, pids }: Flood): Promise<Flooded> {
    await this.#keepAlive()
    const answers = await this.#command('flood', inFlight, warmMs, windowMs, ...pids)
    const [arrived = 0, us = 0, serverMs = 0, generatorMs = 0, missing = 0] = answers
    failIfMissing(missing)
    return {
      perSecond: (arrived / us) * 1e6,
      serverCpu: (serverMs / us) * 1e3,
      generatorCpu: (generatorMs / us) * 1e3,
    }
  }

  /** Sends at a steady rate, whether or not the server keeps up. */
  async steady({ perSecond, windowMs, pids }: Steady): Promise<Timed> {
    await this.#keepAlive()
    const answers = await this.#command('steady', Math.round(perSecond), windowMs, ...pids)
    const [sent = 0, arrived = 0, p50 = 0, p99 = 0, cpuMs = 0, missing = 0] = answers
    failIfMissing(missing)
    return { sent, arrived, p50, p99, cpuMs }
  }

  /** The joiners join one by one, each after the whole room was notified of the previous one. */
  async fanOut({ joiners, count, pids }: FanOut): Promise<Timed> {
    const { leave } = this.#dialect
    const answers = await this.#command('fan', joiners.group, count, leave, ...pids)
    const [arrived = 0, p50 = 0, p99 = 0, cpuMs = 0] = answers
    if (arrived !== count)
      throw new Error(`${arrived} of ${count} joins were announced to the whole room`)
    return { sent: count, arrived, p50, p99, cpuMs }
  }

  /** All clients leave, cleanly where the dialect has a leave message. */
  async close(): Promise<void> {
    await this.#command('close', this.#dialect.leave)
  }

  async #keepAlive(): Promise<void> {
    const { keepAlive } = this.#dialect
    if (keepAlive !== undefined) await this.#command('say', keepAlive)
  }

  #command(name: string, ...fields: readonly (string | number)[]): Promise<readonly number[]> {
    return this.#generator.command(name, this.group, ...fields)
  }
}

interface CrowdParts {
  readonly dialect: Dialect
  readonly group: number
  readonly name: string
}

/** Generous, for a machine that does other work too. */
const openTimeoutMs = 90_000

const failIfMissing = (missing: number): void => {
  if (missing > 0) throw new Error(`${missing} signals did not arrive`)
}
