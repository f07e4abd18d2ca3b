import type { Millis } from '@skein/protocol'
import type { LastKnownRoom } from './finding.ts'
import { isEnd } from './timeline.ts'

/** The life of one connection as its client saw it. */
export interface ConnectionLife {
  readonly welcomedAt: Millis
  /** When it ended or a newer one was welcomed; `Infinity` for one that lasts. */
  readonly endedAt: Millis
  readonly lastHeardAt: Millis
  /** Pings that were answered: what was sent before one has been read when its answer came. */
  readonly proofs: readonly Proof[]
}

interface Proof {
  readonly sentAt: Millis
  readonly heardAt: Millis
}

/** By when the server had read what was sent at a moment; `Infinity` when it did not show it. */
export function readBy({ proofs }: ConnectionLife, at: Millis): Millis {
  return proofs.find(({ sentAt }) => sentAt >= at)?.heardAt ?? Infinity
}

/** The connections by which a client was in its room, by their numbers. */
export function connectionLives(lastKnownRoom: LastKnownRoom): ReadonlyMap<number, ConnectionLife> {
  const lives = new Map<number, Draft>()
  for (const { entry } of lastKnownRoom.moments) {
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
  readonly proofs: Proof[]
  readonly pings: Map<number, Millis>
}

function draft(at: Millis): Draft {
  return { welcomedAt: at, endedAt: Infinity, lastHeardAt: at, proofs: [], pings: new Map() }
}

function note(life: Draft, entry: LastKnownRoom['moments'][number]['entry']): void {
  // What comes by a connection that was given up proves nothing: its client does not listen.
  if (entry.at >= life.endedAt) return
  if (isEnd(entry)) life.endedAt = Math.min(life.endedAt, entry.at)
  if (entry.type === 'sent' && entry.message.type === 'ping') {
    life.pings.set(entry.message.id, entry.at)
  }
  if (entry.type !== 'heard') return
  life.lastHeardAt = entry.at
  if (entry.message.type !== 'pong') return
  const sentAt = life.pings.get(entry.message.id)
  if (sentAt !== undefined) life.proofs.push({ sentAt, heardAt: entry.at })
}
