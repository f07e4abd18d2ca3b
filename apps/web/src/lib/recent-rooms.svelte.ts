import { recall, remember } from './storage.ts'

const maxRooms = 6

const isText = (value: unknown): value is string => typeof value === 'string'

/** The rooms visited last, newest first; remembered on this device. */
class RecentRooms {
  #names = $state.raw<readonly string[]>([])

  constructor() {
    const stored = recall('rooms')
    if (Array.isArray(stored)) this.#names = stored.filter(isText).slice(0, maxRooms)
  }

  get names(): readonly string[] {
    return this.#names
  }

  visited(room: string): void {
    this.#keep([room, ...this.#names.filter((name) => name !== room)].slice(0, maxRooms))
  }

  forget(room: string): void {
    this.#keep(this.#names.filter((name) => name !== room))
  }

  #keep(names: readonly string[]): void {
    this.#names = names
    remember('rooms', names)
  }
}

export const recentRooms = new RecentRooms()
