import type { ClientMessage, Member, Millis, ServerMessage, WelcomeMessage } from '@skein/protocol'
import { memberOf, peerIdOf, welcomeOf } from '@skein/protocol/testing'
import type { ClientLog, Entry, Happening } from './log.ts'
import { markedSignal } from './mark.ts'

/** Writes the log of one client by hand; each entry is a millisecond after the one before. */
export class Scribe {
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
    return this.notes({ type: 'connecting', node: 'a' })
  }

  hears(...messages: readonly ServerMessage[]): this {
    for (const message of messages) this.notes({ type: 'heard', message })
    return this
  }

  /** As `hears`, by a connection that is not the newest. */
  hearsBy(connection: number, message: ServerMessage): this {
    return this.notes({ type: 'heard', message }, connection)
  }

  sends(message: ClientMessage): this {
    return this.notes({ type: 'sent', message })
  }

  signals(to: string, serial: number): this {
    return this.sends({ type: 'signal', to: peerIdOf(to), data: markedSignal(serial) })
  }

  hearsSignal(from: string, serial: number): this {
    return this.hears({ type: 'signal', from: peerIdOf(from), data: markedSignal(serial) })
  }

  /** The server has read all that was sent up to now. */
  proves(id: number): this {
    return this.sends({ type: 'ping', id }).hears({ type: 'pong', id })
  }

  closes(code = 1006): this {
    return this.notes({ type: 'closed', code })
  }

  notes(happening: Happening, connection: number = this.#connection): this {
    this.#clock.now += 1
    this.#entries.push({ ...happening, at: this.#clock.now, connection })
    return this
  }
}

/** Ann, who is host, and Ben, both in the room at revision 3. */
export function pair(): {
  readonly ann: Scribe
  readonly ben: Scribe
  readonly clock: { now: Millis }
  readonly logs: () => readonly ClientLog[]
} {
  const clock = { now: 0 }
  const [ann, ben] = [new Scribe('ann', clock), new Scribe('ben', clock)]
  ann.connects().hears(annsWelcome({ revision: 3 }))
  ben.connects().hears(bensWelcome({ revision: 3 }))
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

/** As `annsWelcome`, after a resume. */
export function annsReturn(change: Partial<WelcomeMessage> = {}): WelcomeMessage {
  return annsWelcome({ resumed: true, ...change })
}

/** As `bensWelcome`, after a resume. */
export function bensReturn(change: Partial<WelcomeMessage> = {}): WelcomeMessage {
  return bensWelcome({ resumed: true, ...change })
}
