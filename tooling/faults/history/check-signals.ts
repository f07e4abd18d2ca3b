import type { PeerId } from '@skein/protocol'
import { arrivals, keyOf, receivedSignals, sentSignals } from './deliveries.ts'
import { type Finding, finding, type Witness } from './finding.ts'

/** Signals from one to another arrive in the order sent, none twice. */
export function signalsInOrderOnce(witnesses: readonly Witness[]): readonly Finding[] {
  return witnesses.flatMap((witness) => {
    const last = new Map<PeerId, number>()
    return receivedSignals(witness).flatMap(({ entry, from, serial }) => {
      const before = last.get(from) ?? 0
      last.set(from, Math.max(before, serial))
      if (serial > before) return []
      const text = `signal ${serial} of ${from} after ${before}`
      return [finding('signals-in-order-once', witness, { entry, text })]
    })
  })
}

/** Invariant 6: whoever is heard is known as a member. */
export function signalsOnlyFromMembers(witnesses: readonly Witness[]): readonly Finding[] {
  return witnesses.flatMap((witness) =>
    receivedSignals(witness).flatMap(({ entry, view, from, serial }) => {
      if (view === null || (from !== view.self && view.members.has(from))) return []
      const text = `signal ${serial} of ${from}, who is no other member`
      return [finding('signals-only-from-members', witness, { entry, text })]
    }),
  )
}

/** Invariant 6: a signal to somebody whom its sender knew to be gone reaches nobody. */
export function signalsOnlyToMembers(witnesses: readonly Witness[]): readonly Finding[] {
  const arrived = arrivals(witnesses)
  return witnesses.flatMap((witness) =>
    sentSignals(witness).flatMap((sent) => {
      if (sent.view?.members.has(sent.to) !== false || !arrived.has(keyOf(sent))) return []
      const text = `signal ${sent.serial} reached ${sent.to}, who is no member`
      return [finding('signals-only-to-members', witness, { entry: sent.entry, text })]
    }),
  )
}
