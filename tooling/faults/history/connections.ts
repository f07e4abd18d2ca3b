import type { Millis } from '@skein/protocol'
import type { Witness } from './finding.ts'
import { isEnd } from './timeline.ts'

/** The life of one connection as its client saw it. */
export interface ConnectionLife {
  readonly welcomedAt: Millis
  /** When it ended or a newer one was welcomed; `Infinity` for one that lasts. */
  readonly endedAt: Millis
  readonly lastHeardAt: Millis
  /** The server has handled what was sent up to then: it answered a later ping. */
  readonly provenAt: Millis
}

/** The connections by which a client was in its room, by their numbers. */
export function connectionLives(witness: Witness): ReadonlyMap<number, ConnectionLife> {
  const lives = new Map<number, Draft>()
  for (const { entry } of witness.moments) {
    const life = lives.get(entry.connection)
    if (entry.type === 'heard' && entry.message.type === 'welcome' && life === undefined) {
      for (const older of lives.values()) older.endedAt = Math.min(older.endedAt, entry.at)
      lives.set(entry.connection, draft(entry.at))
    } else if (life !== undefined) note(life, entry)
  }
  return lives
}

interface Draft extends ConnectionLife {
  endedAt: Millis
  lastHeardAt: Millis
  provenAt: Millis
  readonly pings: Map<number, Millis>
}

function draft(at: Millis): Draft {
  return { welcomedAt: at, endedAt: Infinity, lastHeardAt: at, provenAt: at, pings: new Map() }
}

function note(life: Draft, entry: Witness['moments'][number]['entry']): void {
  // What comes by a connection that was given up proves nothing: its client does not listen.
  if (entry.at >= life.endedAt) return
  if (isEnd(entry)) life.endedAt = Math.min(life.endedAt, entry.at)
  if (entry.type === 'sent' && entry.message.type === 'ping') {
    life.pings.set(entry.message.id, entry.at)
  }
  if (entry.type !== 'heard') return
  life.lastHeardAt = entry.at
  if (entry.message.type === 'pong') {
    life.provenAt = Math.max(life.provenAt, life.pings.get(entry.message.id) ?? 0)
  }
}
