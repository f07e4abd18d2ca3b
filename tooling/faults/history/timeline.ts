import type { ServerMessage } from '@skein/protocol'
import type { ClientLog, Entry } from './log.ts'
import { applyMessage, isRoomMessage, type SequenceError, type View, viewOf } from './view.ts'

/** A log entry, with the view of its connection before and after it. */
export interface Moment {
  readonly entry: Entry
  /** The client uses this connection: it has a welcome, and no newer one has. */
  readonly isCurrent: boolean
  readonly before: View | null
  readonly after: View | null
  readonly sequenceError: SequenceError | null
}

/** A moment in which the client received a message. */
export interface ReceivedMoment extends Moment {
  readonly message: ServerMessage
}

/** Replays a log, keeping the view of each connection and which of them is current. */
export function replayLog(log: ClientLog): readonly Moment[] {
  const state: ReplayState = { views: new Map(), ended: new Set(), current: 0 }
  return log.entries.map((entry) => {
    const before = state.views.get(entry.connection) ?? null
    const sequenceError = applyEntry(state, entry)
    const after = state.views.get(entry.connection) ?? null
    return { entry, isCurrent: entry.connection === state.current, before, after, sequenceError }
  })
}

/** The moments in which the client received a message. */
export function receivedMoments(moments: readonly Moment[]): readonly ReceivedMoment[] {
  return moments.flatMap((moment) =>
    moment.entry.type === 'received' ? [{ ...moment, message: moment.entry.message }] : [],
  )
}

/** The view of a client at the end of its log; `null` when it is not in the room then. */
export function finalView(moments: readonly Moment[]): View | null {
  const last = moments.findLast(({ isCurrent }) => isCurrent)
  const hasEnded = moments.some(({ entry }) => isEnd(entry) && isSameConnection(entry, last?.entry))
  return last === undefined || hasEnded ? null : last.after
}

/** Whether the client stopped using the connection or it closed. */
export function isEnd(entry: Entry): boolean {
  return entry.type === 'given-up' || entry.type === 'closed'
}

interface ReplayState {
  readonly views: Map<number, View>
  readonly ended: Set<number>
  /** The number of the current connection; 0 when there is none. */
  current: number
}

function applyEntry(state: ReplayState, entry: Entry): SequenceError | null {
  const { connection } = entry
  if (isEnd(entry)) {
    state.ended.add(connection)
    if (state.current === connection) state.current = 0
  }
  return entry.type === 'received' ? receive(state, connection, entry.message) : null
}

function receive(
  state: ReplayState,
  connection: number,
  message: ServerMessage,
): SequenceError | null {
  if (message.type === 'welcome') {
    state.views.set(connection, viewOf(message))
    if (!state.ended.has(connection)) state.current = Math.max(state.current, connection)
    return null
  }
  const view = state.views.get(connection)
  if (view === undefined || !isRoomMessage(message)) return null
  const next = applyMessage(view, message)
  if (next.ok) state.views.set(connection, next.value)
  // Later messages are not applied until the next welcome.
  else state.views.delete(connection)
  return next.ok ? null : next.error
}

function isSameConnection(one: Entry, other: Entry | undefined): boolean {
  return one.connection === other?.connection
}
