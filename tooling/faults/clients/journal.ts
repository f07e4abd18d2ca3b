import type { Millis, ServerMessage } from '@skein/protocol'
import type { ClientLog, Entry, LogEvent } from '../history/log.ts'

export interface JournalOptions {
  readonly name: string
  readonly room: string
  readonly now: () => Millis
}

/** Records the log of a client. */
export class Journal {
  readonly log: ClientLog
  readonly #entries: Entry[] = []
  readonly #now: () => Millis

  constructor({ name, room, now }: JournalOptions) {
    this.log = { name, room, entries: this.#entries }
    this.#now = now
  }

  record(connection: number, event: LogEvent): void {
    this.#entries.push({ ...event, at: this.#now(), connection })
  }

  hasReceived(type: ServerMessage['type']): boolean {
    return this.#entries.some((entry) => entry.type === 'received' && entry.message.type === type)
  }
}
