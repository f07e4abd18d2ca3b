import type { Millis, ServerMessage } from '@skein/protocol'
import type { ClientLog, Entry, Happening } from '../history/log.ts'

export interface JournalOptions {
  readonly name: string
  readonly room: string
  readonly now: () => Millis
}

/** What a client writes down. */
export class Journal {
  readonly log: ClientLog
  readonly #entries: Entry[] = []
  readonly #now: () => Millis

  constructor({ name, room, now }: JournalOptions) {
    this.log = { name, room, entries: this.#entries }
    this.#now = now
  }

  note(connection: number, happening: Happening): void {
    this.#entries.push({ ...happening, at: this.#now(), connection })
  }

  hasHeard(type: ServerMessage['type']): boolean {
    return this.#entries.some((entry) => entry.type === 'heard' && entry.message.type === type)
  }
}
