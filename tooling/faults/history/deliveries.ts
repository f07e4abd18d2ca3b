import type { PeerId } from '@skein/protocol'
import type { LastKnownRoom } from './finding.ts'
import type { Entry } from './log.ts'
import { markOf } from './mark.ts'
import { heard } from './timeline.ts'
import type { View } from './view.ts'

/** A signal with who sent it; `serial` rises with each that a client sends. */
export interface Sent {
  readonly lastKnownRoom: LastKnownRoom
  readonly entry: Entry
  readonly view: View | null
  readonly from: PeerId
  readonly to: PeerId
  readonly serial: number
}

/** A signal that came by the connection that its receiver listened to. */
export interface Received {
  readonly lastKnownRoom: LastKnownRoom
  readonly entry: Entry
  readonly view: View | null
  readonly from: PeerId
  readonly serial: number
}

export function sentSignals(lastKnownRoom: LastKnownRoom): readonly Sent[] {
  return lastKnownRoom.moments.flatMap(({ entry, before: view }) => {
    if (entry.type !== 'sent' || entry.message.type !== 'signal' || view === null) return []
    const { to, data } = entry.message
    const serial = markOf(data)
    return serial === null ? [] : [{ lastKnownRoom, entry, view, from: view.self, to, serial }]
  })
}

export function receivedSignals(lastKnownRoom: LastKnownRoom): readonly Received[] {
  return heard(lastKnownRoom.moments).flatMap(({ entry, message, isLive, before: view }) => {
    if (message.type !== 'signal' || !isLive) return []
    const serial = markOf(message.data)
    return serial === null ? [] : [{ lastKnownRoom, entry, view, from: message.from, serial }]
  })
}

/** Names a signal from one client's id to another's. */
export function keyOf(signal: Pick<Sent, 'from' | 'to' | 'serial'>): string {
  return `${signal.from} ${signal.to} ${signal.serial}`
}

/** The keys of all that arrived. */
export function arrivals(witnesses: readonly LastKnownRoom[]): ReadonlySet<string> {
  return new Set(
    witnesses.flatMap((lastKnownRoom) =>
      receivedSignals(lastKnownRoom).flatMap(({ view, from, serial }) =>
        view === null ? [] : [keyOf({ from, to: view.self, serial })],
      ),
    ),
  )
}
