import type { PeerId } from '@skein/protocol'
import { arrivals, keyOf, receivedSignals, sentSignals } from './deliveries.ts'
import { type Finding, finding, type LastKnownRoom } from './finding.ts'

/** What one connection sends to another member arrives in the order sent; nothing arrives twice. */
export function signalsInOrderOnce(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  const sentBy = sendersOf(witnesses)
  return witnesses.flatMap((lastKnownRoom) => {
    const last = new Map<string, number>()
    const known = new Set<string>()
    return receivedSignals(lastKnownRoom).flatMap(({ entry, from, serial }) => {
      const signal = `${from} ${serial}`
      const by = `${from}/${sentBy.get(signal) ?? 0}`
      const before = last.get(by) ?? 0
      const isRight = serial > before && !known.has(signal)
      last.set(by, Math.max(before, serial))
      known.add(signal)
      if (isRight) return []
      const text = `signal ${serial} of ${from} after ${before}`
      return [finding('signals-in-order-once', lastKnownRoom, { entry, text })]
    })
  })
}

/** How many signals came after one that their sender sent later, by a newer connection. */
export function countOvertaken(witnesses: readonly LastKnownRoom[]): number {
  return witnesses.reduce((sum, lastKnownRoom) => {
    const last = new Map<PeerId, number>()
    const late = receivedSignals(lastKnownRoom).filter(({ from, serial }) => {
      const before = last.get(from) ?? 0
      last.set(from, Math.max(before, serial))
      return serial < before
    })
    return sum + late.length
  }, 0)
}

/** By which of its sender's connections each signal was sent. */
function sendersOf(witnesses: readonly LastKnownRoom[]): ReadonlyMap<string, number> {
  return new Map(
    witnesses
      .flatMap(sentSignals)
      .map(({ from, serial, entry }) => [`${from} ${serial}`, entry.connection]),
  )
}

/** Invariant 6: whoever is heard is known as a member. */
export function signalsOnlyFromMembers(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  return witnesses.flatMap((lastKnownRoom) =>
    receivedSignals(lastKnownRoom).flatMap(({ entry, view, from, serial }) => {
      if (view === null || (from !== view.self && view.members.has(from))) return []
      const text = `signal ${serial} of ${from}, who is no other member`
      return [finding('signals-only-from-members', lastKnownRoom, { entry, text })]
    }),
  )
}

/** Invariant 6: a signal to somebody whom its sender knew to be gone reaches nobody. */
export function signalsOnlyToMembers(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  const arrived = arrivals(witnesses)
  return witnesses.flatMap((lastKnownRoom) =>
    sentSignals(lastKnownRoom).flatMap((sent) => {
      if (sent.view?.members.has(sent.to) !== false || !arrived.has(keyOf(sent))) return []
      const text = `signal ${sent.serial} reached ${sent.to}, who is no member`
      return [finding('signals-only-to-members', lastKnownRoom, { entry: sent.entry, text })]
    }),
  )
}
