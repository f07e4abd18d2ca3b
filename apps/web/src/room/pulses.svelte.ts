import type { Peer } from '../lib/room.svelte.ts'

/** A message on its way along a thread. */
export interface Pulse {
  readonly key: number
  readonly from: Peer['id']
  readonly to: Peer['id']
}

/** More at once would be noise, and work for a slow phone. */
const maxPulses = 60

/** The messages that are travelling in the picture right now. */
export class Pulses {
  #flying = $state.raw<readonly Pulse[]>([])
  #count = 0

  get flying(): readonly Pulse[] {
    return this.#flying
  }

  send(from: Peer['id'], to: readonly Peer['id'][]): void {
    const fresh = to.map((id) => {
      this.#count += 1
      return { key: this.#count, from, to: id }
    })
    this.#flying = [...this.#flying, ...fresh].slice(-maxPulses)
  }

  landed(pulse: Pulse): void {
    this.#flying = this.#flying.filter(({ key }) => key !== pulse.key)
  }
}
