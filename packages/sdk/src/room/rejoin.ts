import type { Millis } from '@skein/protocol'
import { isObject } from '../base/json.ts'
import type { Seat } from '../signaling/signaling.ts'
import type { Clock } from '../time/clock.ts'
import { throwIfAborted } from '../time/on-abort-or-timeout.ts'

export interface SeatOptions {
  readonly url: string
  readonly room: string
  readonly clock: Clock
  readonly random: () => number
  readonly signal?: AbortSignal
  /** Default: that of the page. `null` if the runtime has none, or the user blocks it. */
  readonly storage?: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null
  /** Default: those of the browser. `null` on pages that have no secure context. */
  readonly locks?: Pick<LockManager, 'request'> | null
}

/**
 * How long a page that loads waits for the lock of the page before it. A duplicated tab waits in
 * vain for so long.
 */
const lockWaitMs: Millis = 300

/**
 * Takes the seat that this page had before it was reloaded, if that seat is free. A duplicated tab,
 * which begins with a copy of `sessionStorage`, gets a new one: the page that it was copied from
 * holds the lock or, where there are no locks, has removed the entry.
 */
export const takeSeat = async (options: SeatOptions): Promise<Seat> => {
  const { storage = readStorage(), locks = globalThis.navigator?.locks ?? null } = options
  const seat = new StoredSeat({ ...options, storage, locks })
  await seat.take()
  if (options.signal?.aborted) seat.leave()
  throwIfAborted(options.signal)
  return seat
}

type StoredSeatOptions = SeatOptions & Required<Pick<SeatOptions, 'storage' | 'locks'>>

class StoredSeat implements Seat {
  resume: string | null = null
  readonly #options: StoredSeatOptions
  readonly #key: string
  readonly #stop = new AbortController()
  /** The name of the lock. */
  #name: string
  #latest: string | null = null
  /** Releases the lock; `null` while it is not held. */
  #release: (() => void) | null = null

  constructor(options: StoredSeatOptions) {
    const { url, room } = options
    const { signal } = this.#stop
    this.#options = options
    this.#key = `skein ${url} ${room}`
    this.#name = this.#freshName()
    globalThis.addEventListener?.('pagehide', () => this.#hide(), { signal })
    const show = ({ persisted }: PageTransitionEvent) => persisted && void this.#show()
    globalThis.addEventListener?.('pageshow', show, { signal })
  }

  async take(): Promise<void> {
    const { storage, locks } = this.#options
    const entry = readEntry(attempt(() => storage?.getItem(this.#key)))
    this.#name = entry?.name ?? this.#name
    await this.#show()
    if (entry && locks && !this.#release) {
      this.#name = this.#freshName()
      await this.#show()
    } else this.resume = this.#latest = entry?.resume ?? null
  }

  keep(token: string | null): void {
    this.#latest = token
    // Without locks, only a page that is not running has an entry.
    if (this.#options.locks) this.#write()
  }

  leave(): void {
    this.#latest = null
    this.#hide()
    this.#stop.abort()
  }

  #hide(): void {
    this.#write()
    // Browsers keep no page in the back/forward cache that holds a lock.
    this.#release?.()
    this.#release = null
  }

  /** Marks the seat as taken. */
  async #show(): Promise<void> {
    const { storage, locks, clock } = this.#options
    if (!locks) attempt(() => storage?.removeItem(this.#key))
    const release = locks && (await hold(locks, this.#name, clock))
    if (this.#stop.signal.aborted) release?.()
    else this.#release = release
  }

  #write(): void {
    const { storage } = this.#options
    const entry = JSON.stringify({ name: this.#name, resume: this.#latest })
    if (this.#latest === null) attempt(() => storage?.removeItem(this.#key))
    else attempt(() => storage?.setItem(this.#key, entry))
  }

  #freshName(): string {
    const { random } = this.#options
    return `skein ${random()}${random()}`
  }
}

const readStorage = (): Storage | null => attempt(() => globalThis.sessionStorage) ?? null

const readEntry = (
  text: string | null | undefined,
): { readonly name: string; readonly resume: string } | null => {
  const entry: unknown = attempt(() => JSON.parse(text ?? ''))
  if (!(isObject(entry) && typeof entry.name === 'string')) return null
  return typeof entry.resume === 'string' ? { name: entry.name, resume: entry.resume } : null
}

/** Storage may be blocked or full, and anything may be in it: then there is no seat to keep. */
const attempt = <Value>(task: () => Value): Value | null => {
  try {
    return task()
  } catch {
    return null
  }
}

/** Holds a lock; resolves with its release, or with `null` if it is not free in time. */
const hold = (
  locks: Pick<LockManager, 'request'>,
  name: string,
  clock: Clock,
): Promise<(() => void) | null> => {
  const giveUp = new AbortController()
  const cancel = clock.after(lockWaitMs, () => giveUp.abort())
  return new Promise((resolve) => {
    const granted = () => {
      cancel()
      return new Promise<void>((release) => resolve(release))
    }
    locks.request(name, { signal: giveUp.signal }, granted).catch(() => {
      cancel()
      resolve(null)
    })
  })
}
