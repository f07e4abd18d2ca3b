import { vi } from 'vitest'
import type { JoinOptions, Room } from '../api.ts'
import type { FakeWorld } from './fake-world.testing.ts'
import type { SeatOptions } from './rejoin.ts'

type Storage = NonNullable<SeatOptions['storage']>
type Locks = NonNullable<SeatOptions['locks']>

/** A browser tab: its `sessionStorage`, and one page after the other. */
export class Tab {
  page = new EventTarget()
  readonly storage: Storage & { readonly entries: Map<string, string> }
  readonly #world: FakeWorld
  readonly #machine: string
  readonly #locks: Locks | null

  constructor(
    world: FakeWorld,
    {
      machine,
      locks,
      entries = [],
    }: {
      readonly machine: string
      readonly locks: Locks | null
      readonly entries?: Iterable<readonly [string, string]>
    },
  ) {
    this.#world = world
    this.#machine = machine
    this.#locks = locks
    this.storage = fakeStorage(entries)
  }

  /** Opens the page of the room. */
  async load(options: Partial<JoinOptions> = { rejoin: 'session' }): Promise<Room> {
    const { clock, begin } = this.#world
    this.page = new EventTarget()
    for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent'] as const) {
      vi.stubGlobal(name, this.page[name].bind(this.page))
    }
    const { storage } = this
    let room: Room | null = null
    const joining = begin(this.#machine, options, { storage, locks: this.#locks }).then(
      (joined) => {
        room = joined
      },
    )
    await clock.until(() => room !== null)
    await joining
    vi.unstubAllGlobals()
    if (room === null) throw new Error('not joined')
    return room
  }

  hide({ persisted }: { readonly persisted: boolean }): void {
    this.page.dispatchEvent(Object.assign(new Event('pagehide'), { persisted }))
  }

  show(): void {
    this.page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  }

  /** A new tab with a copy of this one's `sessionStorage`. */
  duplicate(machine: string): Tab {
    const { entries } = this.storage
    return new Tab(this.#world, { machine, locks: this.#locks, entries })
  }
}

const fakeStorage = (initial: Iterable<readonly [string, string]>): Tab['storage'] => {
  const entries = new Map(initial)
  return {
    entries,
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
  }
}

/** The locks of one browser, exclusive and without queues: a waiting request polls the release. */
export const fakeLocks = (): Locks & { readonly held: Set<string> } => {
  const held = new Set<string>()
  const waiting = new Set<() => void>()
  const request = async (name: string, { signal }: LockOptions, task: () => Promise<void>) => {
    await new Promise<void>((resolve, reject) => {
      const attempt = () => {
        if (held.has(name)) return
        waiting.delete(attempt)
        held.add(name)
        resolve()
      }
      waiting.add(attempt)
      signal?.addEventListener('abort', () => {
        waiting.delete(attempt)
        reject(signal.reason)
      })
      attempt()
    })
    await task()
    held.delete(name)
    for (const attempt of [...waiting]) attempt()
  }
  const locks: unknown = { held, request }
  return locks as Locks & { readonly held: Set<string> }
}
