import type { Millis } from '@skein/protocol'
import type { Replay } from './finding.ts'
import { isEnd } from './timeline.ts'

/** How long a connection was in use, and when the server proved that it read. */
export interface ConnectionLife {
  readonly welcomedAt: Millis
  /** When it ended or a newer one was welcomed; `Infinity` if neither happened. */
  readonly endedAt: Millis
  readonly lastReceivedAt: Millis
  /** A pong shows that the server has read everything sent before the ping. */
  readonly answeredPings: readonly AnsweredPing[]
}

interface AnsweredPing {
  readonly sentAt: Millis
  readonly answeredAt: Millis
}

/** When the server had certainly read what was sent at `at`; `Infinity` if no pong shows it. */
export function readBy({ answeredPings }: ConnectionLife, at: Millis): Millis {
  return answeredPings.find(({ sentAt }) => sentAt >= at)?.answeredAt ?? Infinity
}

/** The connections on which a client was in its room, by number. */
export function connectionLives(replay: Replay): ReadonlyMap<number, ConnectionLife> {
  const lives = new Map<number, OpenLife>()
  for (const { entry } of replay.moments) {
    const life = lives.get(entry.connection)
    if (entry.type === 'received' && entry.message.type === 'welcome' && life === undefined) {
      for (const older of lives.values()) older.endedAt = Math.min(older.endedAt, entry.at)
      lives.set(entry.connection, startLife(entry.at))
    } else if (life !== undefined) addEntry(life, entry)
  }
  return lives
}

interface OpenLife extends ConnectionLife {
  endedAt: Millis
  lastReceivedAt: Millis
  readonly answeredPings: AnsweredPing[]
  readonly pings: Map<number, Millis>
}

function startLife(at: Millis): OpenLife {
  return {
    welcomedAt: at,
    endedAt: Infinity,
    lastReceivedAt: at,
    answeredPings: [],
    pings: new Map(),
  }
}

function addEntry(life: OpenLife, entry: Replay['moments'][number]['entry']): void {
  // The client ignores what arrives on a connection that it has given up.
  if (entry.at >= life.endedAt) return
  if (isEnd(entry)) life.endedAt = Math.min(life.endedAt, entry.at)
  if (entry.type === 'sent' && entry.message.type === 'ping') {
    life.pings.set(entry.message.id, entry.at)
  }
  if (entry.type !== 'received') return
  life.lastReceivedAt = entry.at
  if (entry.message.type !== 'pong') return
  const sentAt = life.pings.get(entry.message.id)
  if (sentAt !== undefined) life.answeredPings.push({ sentAt, answeredAt: entry.at })
}
