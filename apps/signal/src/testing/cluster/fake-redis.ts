import type { Commands, Words } from '../../backbone/redis/redis-connection.ts'

/** A room as it is kept: the fields of its hash. */
interface Kept {
  readonly version: string
  readonly store: string
  readonly format: string
  readonly epoch: string
  readonly text: string
}

/** News on their way to the inbox of a node. */
export interface Mail {
  readonly channel: string
  readonly message: Buffer
}

/**
 * What the script that commits does, on a clock of its own, with mail that lies until somebody
 * delivers it. A test can copy what is kept and put the copy back in place: that is a replica that
 * lagged and was promoted.
 */
export class FakeRedis {
  #startedAt = performance.now() - 1_000_000
  identity = 'store-1'
  /** When this life of it began; the first has begun long ago. */
  bornAt: number | null = null
  mail: Mail[] = []
  /** Asked before each answer: whether it is done, and whether the answer comes. */
  fate: () => 'answered' | 'answer lost' | 'not done' = () => 'answered'
  #rooms = new Map<string, Kept>()
  #replica = new Map<string, Kept>()
  #lives = 1

  /** Its clock. */
  get now(): number {
    return Math.floor(performance.now() - this.#startedAt)
  }

  wait(ms: number): void {
    this.#startedAt -= ms
  }

  /** The replica is up to date. */
  replicate(): void {
    this.#replica = new Map(this.#rooms)
  }

  /** The replica takes over, with what it has. */
  failOver(): void {
    this.#rooms = new Map(this.#replica)
    this.#newLife()
  }

  /** Started anew, with nothing. */
  empty(): void {
    this.#rooms = new Map()
    this.#replica = new Map()
    this.#newLife()
  }

  textOf(key: string): string | null {
    return this.#rooms.get(key)?.text ?? null
  }

  /** A connection to it. */
  connect(): Commands {
    return {
      send: (words) => this.#send(words),
      soundSince: 0,
      troubledUntil: null,
      close: async () => {},
    }
  }

  #newLife(): void {
    this.wait(startMs)
    this.bornAt = this.now
    this.#lives += 1
    this.identity = `store-${this.#lives}`
  }

  async #send(words: Words): Promise<unknown> {
    const fate = this.fate()
    if (fate === 'not done') throw new Error('It was not reached.')
    const [, , , key, ...rest] = words.map(String)
    const answer = this.#commit(String(key), rest)
    if (fate === 'answer lost') throw new Error('It did not answer.')
    return answer
  }

  #commit(key: string, words: readonly string[]): readonly unknown[] {
    const [version, store, now, tolerance, identity, next = '', format, epoch, text] = words
    const kept = this.#rooms.get(key) ?? nothing
    const isLate = Math.abs(this.now - Number(now)) > Number(tolerance)
    const isAsKnown = kept.version === version && kept.store === store
    if (!isAsKnown || identity !== this.identity || isLate) {
      const { format: as, epoch: from } = kept
      return [0, String(this.now), this.identity, kept.version, kept.store, as, from, kept.text]
    }
    if (next !== '') {
      this.#rooms.set(key, {
        version: next,
        store: this.identity,
        format: String(format),
        epoch: String(epoch),
        text: String(text),
      })
    }
    for (let at = 10; at < words.length; at += 2) {
      const message = Buffer.from(`${words[at + 1]}${text}`)
      this.mail.push({ channel: String(words[at]), message })
    }
    return [1, String(this.now)]
  }
}

/** A server that starts takes longer than clocks are apart. */
const startMs = 50

const nothing: Kept = { version: '0', store: '', format: '', epoch: '', text: '' }
