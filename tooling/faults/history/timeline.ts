import type { ServerMessage } from '@skein/protocol'
import type { ClientLog, Entry } from './log.ts'
import { follow, isRoomMessage, type Misstep, type View, viewOf } from './view.ts'

/** An entry of a log with what its connection knew of the room. */
export interface Moment {
  readonly entry: Entry
  /** The client listens to this connection: it is welcomed, and no newer one is. */
  readonly isLive: boolean
  readonly before: View | null
  readonly after: View | null
  readonly misstep: Misstep | null
}

/** What was heard of the server, among moments. */
export interface HeardMoment extends Moment {
  readonly message: ServerMessage
}

/** Replays a log: the view of each connection, and which of them is the live one. */
export function timeline(log: ClientLog): readonly Moment[] {
  const replay: Replay = { views: new Map(), ended: new Set(), live: 0 }
  return log.entries.map((entry) => {
    const before = replay.views.get(entry.connection) ?? null
    const misstep = play(replay, entry)
    const after = replay.views.get(entry.connection) ?? null
    return { entry, isLive: entry.connection === replay.live, before, after, misstep }
  })
}

export function heard(moments: readonly Moment[]): readonly HeardMoment[] {
  return moments.flatMap((moment) =>
    moment.entry.type === 'heard' ? [{ ...moment, message: moment.entry.message }] : [],
  )
}

/** What a client believes when its log ends; `null` when it is not in the room then. */
export function finalView(moments: readonly Moment[]): View | null {
  const last = moments.findLast(({ isLive }) => isLive)
  const isOver = moments.some(({ entry }) => isEnd(entry) && isSame(entry, last?.entry))
  return last === undefined || isOver ? null : last.after
}

export function isEnd(entry: Entry): boolean {
  return entry.type === 'given-up' || entry.type === 'closed'
}

interface Replay {
  readonly views: Map<number, View>
  readonly ended: Set<number>
  /** 0 is none. */
  live: number
}

function play(replay: Replay, entry: Entry): Misstep | null {
  const { connection } = entry
  if (isEnd(entry)) {
    replay.ended.add(connection)
    if (replay.live === connection) replay.live = 0
  }
  return entry.type === 'heard' ? hear(replay, connection, entry.message) : null
}

function hear(replay: Replay, connection: number, message: ServerMessage): Misstep | null {
  if (message.type === 'welcome') {
    replay.views.set(connection, viewOf(message))
    if (!replay.ended.has(connection)) replay.live = Math.max(replay.live, connection)
    return null
  }
  const view = replay.views.get(connection)
  if (view === undefined || !isRoomMessage(message)) return null
  const next = follow(view, message)
  if (next.ok) replay.views.set(connection, next.value)
  // What follows is not to be trusted until the next welcome.
  else replay.views.delete(connection)
  return next.ok ? null : next.error
}

function isSame(one: Entry, other: Entry | undefined): boolean {
  return one.connection === other?.connection
}
