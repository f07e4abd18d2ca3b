import type { PeerId } from '@skein/protocol'
import { type Finding, finding, type Replay } from './finding.ts'
import { type ReceivedMoment, receivedMoments } from './timeline.ts'
import type { View } from './view.ts'

/** Invariant 1, first half: each host term has one host. */
export function checkOneHostPerTerm(replays: readonly Replay[]): readonly Finding[] {
  const hosts = new Map<string, PeerId | null>()
  return replays.flatMap((replay) =>
    hostTerms(replay).flatMap(({ entry, view: { epoch, term, host } }) => {
      const hostTerm = `${replay.room} (${epoch}, ${term})`
      const known = hosts.get(hostTerm)
      if (known === undefined) hosts.set(hostTerm, host)
      if (known === undefined || known === host) return []
      const text = `${hostTerm} has the hosts ${known} and ${host}`
      return [finding('one-host-per-term', replay, { entry, text })]
    }),
  )
}

/** Invariant 1, second half: the host terms that a client observes never go back. */
export function checkHostTermOrder(replays: readonly Replay[]): readonly Finding[] {
  return replays.flatMap((replay) => {
    const current = hostTerms(replay).filter(({ isCurrent }) => isCurrent)
    return current.slice(1).flatMap(({ entry, view }, index) => {
      const before = current[index]?.view ?? view
      if (!isBelow(view, before)) return []
      const text = `(${view.epoch}, ${view.term}) after (${before.epoch}, ${before.term})`
      return [finding('host-terms-never-go-back', replay, { entry, text })]
    })
  })
}

/** The moments in which a client learned of a host term. */
function hostTerms({ moments }: Replay): readonly (ReceivedMoment & { readonly view: View })[] {
  return receivedMoments(moments).flatMap((moment) => {
    const { message, after } = moment
    const namesTerm = message.type === 'welcome' || message.type === 'host'
    return namesTerm && after !== null ? [{ ...moment, view: after }] : []
  })
}

function isBelow(one: View, other: View): boolean {
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.term < other.term)
}
