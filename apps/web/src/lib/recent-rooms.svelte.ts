import { loadItem, saveItem } from './storage.ts'

const maxRooms = 6

const isText = (value: unknown): value is string => typeof value === 'string'

/** The most recently visited rooms, newest first, saved on this device. */
class RecentRooms {
  #names = $state.raw<readonly string[]>([])

  constructor() {
    const stored = loadItem('rooms')
    if (Array.isArray(stored)) this.#names = stored.filter(isText).slice(0, maxRooms)
  }

  get names(): readonly string[] {
    return this.#names
  }

  add(room: string): void {
    this.#save([room, ...this.#names.filter((name) => name !== room)].slice(0, maxRooms))
  }

  remove(room: string): void {
    this.#save(this.#names.filter((name) => name !== room))
  }

  #save(names: readonly string[]): void {
    this.#names = names
    saveItem('rooms', names)
  }
}

export const recentRooms = new RecentRooms()
