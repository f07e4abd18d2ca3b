import { SvelteSet } from 'svelte/reactivity'
import type { Person } from './people.ts'
import type { Attach, Peer } from './room.svelte.ts'

/** The next sample of an idle link comes within 2 s; one that is no different is not reported. */
const settleMs = 3_000

/**
 * Which links have been measured more than once. The first sample is taken while a room forms, when
 * browsers are busy: it may be many times what the network takes, so it is not shown.
 */
export class RoundTrips {
  readonly #settled = new SvelteSet<Peer['id']>()
  readonly #timers = new Map<Peer['id'], ReturnType<typeof setTimeout>>()

  readonly attach: Attach = (room, signal) => {
    for (const id of [...this.#timers.keys()]) this.forget(id)
    room.on(
      'linkchange',
      ({ peer, link, previous }) => {
        const rttMs = link?.rttMs ?? null
        if (rttMs !== null && rttMs !== previous?.rttMs) this.measured(peer.id)
      },
      { signal },
    )
    room.on('peerleave', ({ peer }) => this.forget(peer.id), { signal })
    signal.addEventListener('abort', () => {
      for (const id of [...this.#timers.keys()]) this.forget(id)
    })
  }

  measured(id: Peer['id']): void {
    if (this.#timers.has(id)) this.#settle(id)
    else
      this.#timers.set(
        id,
        setTimeout(() => this.#settle(id), settleMs),
      )
  }

  forget(id: Peer['id']): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    this.#settled.delete(id)
  }

  /** The person without a round trip that is not to be shown yet. */
  shown(person: Person): Person {
    if (person.link === null || this.#settled.has(person.id)) return person
    return { ...person, link: { ...person.link, rttMs: null } }
  }

  #settle(id: Peer['id']): void {
    clearTimeout(this.#timers.get(id))
    this.#settled.add(id)
  }
}
