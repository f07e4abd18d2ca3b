import type { Peer } from '../lib/room.svelte.ts'

/** A message moving along a thread. */
export interface Pulse {
  readonly key: number
  readonly from: Peer['id']
  readonly to: Peer['id']
}

/** More at once would be distracting, and slow on a phone. */
const maxPulses = 60

/** The message pulses currently animated in the graph. */
export class Pulses {
  #active = $state.raw<readonly Pulse[]>([])
  #count = 0

  get active(): readonly Pulse[] {
    return this.#active
  }

  start(from: Peer['id'], to: readonly Peer['id'][]): void {
    const fresh = to.map((id) => {
      this.#count += 1
      return { key: this.#count, from, to: id }
    })
    this.#active = [...this.#active, ...fresh].slice(-maxPulses)
  }

  remove(pulse: Pulse): void {
    this.#active = this.#active.filter(({ key }) => key !== pulse.key)
  }
}
