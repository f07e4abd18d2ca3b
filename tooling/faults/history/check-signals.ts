import type { PeerId } from '@skein/protocol'
import { arrivals, keyOf, receivedSignals, sentSignals } from './deliveries.ts'
import { type Finding, finding, type Replay } from './finding.ts'

/** Signals of one connection arrive in the order sent, and no signal arrives twice. */
export function checkSignalOrder(replays: readonly Replay[]): readonly Finding[] {
  const sentOn = connectionsOf(replays)
  return replays.flatMap((replay) => {
    const last = new Map<string, number>()
    const seen = new Set<string>()
    return receivedSignals(replay).flatMap(({ entry, from, serial }) => {
      const signal = `${from} ${serial}`
      const sender = `${from}/${sentOn.get(signal) ?? 0}`
      const before = last.get(sender) ?? 0
      const isInOrder = serial > before && !seen.has(signal)
      last.set(sender, Math.max(before, serial))
      seen.add(signal)
      if (isInOrder) return []
      const text = `signal ${serial} of ${from} after ${before}`
      return [finding('signals-in-order-once', replay, { entry, text })]
    })
  })
}

/** Counts signals that arrived after one that their sender sent later on a newer connection. */
export function countOvertaken(replays: readonly Replay[]): number {
  return replays.reduce((sum, replay) => {
    const last = new Map<PeerId, number>()
    const late = receivedSignals(replay).filter(({ from, serial }) => {
      const before = last.get(from) ?? 0
      last.set(from, Math.max(before, serial))
      return serial < before
    })
    return sum + late.length
  }, 0)
}

/** The number of the connection on which each signal was sent. */
function connectionsOf(replays: readonly Replay[]): ReadonlyMap<string, number> {
  return new Map(
    replays
      .flatMap(sentSignals)
      .map(({ from, serial, entry }) => [`${from} ${serial}`, entry.connection]),
  )
}

/** Invariant 6: signals come only from other members. */
export function checkSignalSenders(replays: readonly Replay[]): readonly Finding[] {
  return replays.flatMap((replay) =>
    receivedSignals(replay).flatMap(({ entry, view, from, serial }) => {
      if (view === null || (from !== view.self && view.members.has(from))) return []
      const text = `signal ${serial} of ${from}, which is not another member`
      return [finding('signals-only-from-members', replay, { entry, text })]
    }),
  )
}

/** Invariant 6: a signal to a peer that its sender knew to be no member is not delivered. */
export function checkSignalReceivers(replays: readonly Replay[]): readonly Finding[] {
  const arrived = arrivals(replays)
  return replays.flatMap((replay) =>
    sentSignals(replay).flatMap((sent) => {
      if (sent.view?.members.has(sent.to) !== false || !arrived.has(keyOf(sent))) return []
      const text = `signal ${sent.serial} reached ${sent.to}, which is not a member`
      return [finding('signals-only-to-members', replay, { entry: sent.entry, text })]
    }),
  )
}
