import type { ClientMessage, Member, Millis, ServerMessage, WelcomeMessage } from '@skein/protocol'
import { memberOf, peerIdOf, welcomeOf } from '@skein/protocol/testing'
import type { ClientLog, Entry, LogEvent } from './log.ts'
import { createSignal } from './signal-serial.ts'

/** Writes the log of a client by hand; each entry is one millisecond after the previous one. */
export class LogWriter {
  readonly name: string
  readonly #clock: { now: Millis }
  readonly #entries: Entry[] = []
  #connection = 0

  constructor(name: string, clock: { now: Millis }) {
    this.name = name
    this.#clock = clock
  }

  get log(): ClientLog {
    return { name: this.name, room: 'r', entries: this.#entries }
  }

  connects(): this {
    this.#connection += 1
    return this.records({ type: 'connecting', node: 'a' })
  }

  receives(...messages: readonly ServerMessage[]): this {
    for (const message of messages) this.records({ type: 'received', message })
    return this
  }

  /** Like `receives`, on a connection that is not the newest. */
  receivesOn(connection: number, message: ServerMessage): this {
    return this.records({ type: 'received', message }, connection)
  }

  sends(message: ClientMessage): this {
    return this.records({ type: 'sent', message })
  }

  signals(to: string, serial: number): this {
    return this.sends({ type: 'signal', to: peerIdOf(to), data: createSignal(serial) })
  }

  receivesSignal(from: string, serial: number): this {
    return this.receives({ type: 'signal', from: peerIdOf(from), data: createSignal(serial) })
  }

  /** A ping with its pong: the server has read everything sent so far. */
  pings(id: number): this {
    return this.sends({ type: 'ping', id }).receives({ type: 'pong', id })
  }

  closes(code = 1006): this {
    return this.records({ type: 'closed', code })
  }

  records(event: LogEvent, connection: number = this.#connection): this {
    this.#clock.now += 1
    this.#entries.push({ ...event, at: this.#clock.now, connection })
    return this
  }
}

/** Ann, the host, and Ben, both in the room at revision 3. */
export function pair(): {
  readonly ann: LogWriter
  readonly ben: LogWriter
  readonly clock: { now: Millis }
  readonly logs: () => readonly ClientLog[]
} {
  const clock = { now: 0 }
  const [ann, ben] = [new LogWriter('ann', clock), new LogWriter('ben', clock)]
  ann.connects().receives(annsWelcome({ revision: 3 }))
  ben.connects().receives(bensWelcome({ revision: 3 }))
  return { ann, ben, clock, logs: () => [ann.log, ben.log] }
}

export const annAsMember: Member = memberOf({ id: peerIdOf('ann'), joinOrder: 0 })
export const benAsMember: Member = memberOf({ id: peerIdOf('ben'), joinOrder: 1 })
export const catAsMember: Member = memberOf({ id: peerIdOf('cat'), joinOrder: 2 })

export function annsWelcome(change: Partial<WelcomeMessage> = {}): WelcomeMessage {
  return welcomeOf({ self: annAsMember, peers: [benAsMember], host: annAsMember.id, ...change })
}

export function bensWelcome(change: Partial<WelcomeMessage> = {}): WelcomeMessage {
  return welcomeOf({ self: benAsMember, peers: [annAsMember], host: annAsMember.id, ...change })
}

/** Like `annsWelcome`, after a resume. */
export function annsResumedWelcome(change: Partial<WelcomeMessage> = {}): WelcomeMessage {
  return annsWelcome({ resumed: true, ...change })
}

/** Like `bensWelcome`, after a resume. */
export function bensResumedWelcome(change: Partial<WelcomeMessage> = {}): WelcomeMessage {
  return bensWelcome({ resumed: true, ...change })
}
