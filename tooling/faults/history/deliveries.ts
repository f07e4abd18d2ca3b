import type { PeerId } from '@skein/protocol'
import type { Replay } from './finding.ts'
import type { Entry } from './log.ts'
import { serialOf } from './signal-serial.ts'
import { receivedMoments } from './timeline.ts'
import type { View } from './view.ts'

/** A sent signal; `serial` rises with each signal of a client. */
export interface Sent {
  readonly replay: Replay
  readonly entry: Entry
  readonly view: View | null
  readonly from: PeerId
  readonly to: PeerId
  readonly serial: number
}

/** A signal that arrived on the current connection of its receiver. */
export interface Received {
  readonly replay: Replay
  readonly entry: Entry
  readonly view: View | null
  readonly from: PeerId
  readonly serial: number
}

/** The signals that a client sent while it was in the room. */
export function sentSignals(replay: Replay): readonly Sent[] {
  return replay.moments.flatMap(({ entry, before: view }) => {
    if (entry.type !== 'sent' || entry.message.type !== 'signal' || view === null) return []
    const { to, data } = entry.message
    const serial = serialOf(data)
    return serial === null ? [] : [{ replay, entry, view, from: view.self, to, serial }]
  })
}

/** The signals that a client received. */
export function receivedSignals(replay: Replay): readonly Received[] {
  return receivedMoments(replay.moments).flatMap(({ entry, message, isCurrent, before: view }) => {
    if (message.type !== 'signal' || !isCurrent) return []
    const serial = serialOf(message.data)
    return serial === null ? [] : [{ replay, entry, view, from: message.from, serial }]
  })
}

/** Identifies a signal by the ids of sender and receiver and its serial. */
export function keyOf(signal: Pick<Sent, 'from' | 'to' | 'serial'>): string {
  return `${signal.from} ${signal.to} ${signal.serial}`
}

/** The keys of all signals that arrived. */
export function arrivals(replays: readonly Replay[]): ReadonlySet<string> {
  return new Set(
    replays.flatMap((replay) =>
      receivedSignals(replay).flatMap(({ view, from, serial }) =>
        view === null ? [] : [keyOf({ from, to: view.self, serial })],
      ),
    ),
  )
}
