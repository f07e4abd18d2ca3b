import type { PeerId } from '@skein/protocol'
import { type Finding, finding, type LastKnownRoom } from './finding.ts'
import { type HeardMoment, heard } from './timeline.ts'
import type { View } from './view.ts'

/** Invariant 1, first half: whoever hears of a reign hears of the same host. */
export function oneHostAReign(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  const hosts = new Map<string, PeerId | null>()
  return witnesses.flatMap((lastKnownRoom) =>
    reigns(lastKnownRoom).flatMap(({ entry, view: { epoch, term, host } }) => {
      const reign = `${lastKnownRoom.room} (${epoch}, ${term})`
      const known = hosts.get(reign)
      if (known === undefined) hosts.set(reign, host)
      if (known === undefined || known === host) return []
      const text = `${reign} has the hosts ${known} and ${host}`
      return [finding('one-host-a-reign', lastKnownRoom, { entry, text })]
    }),
  )
}

/** Invariant 1, second half: no client goes back to an older reign. */
export function reignsNeverFall(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  return witnesses.flatMap((lastKnownRoom) => {
    const live = reigns(lastKnownRoom).filter(({ isLive }) => isLive)
    return live.slice(1).flatMap(({ entry, view }, index) => {
      const before = live[index]?.view ?? view
      if (!isBelow(view, before)) return []
      const text = `(${view.epoch}, ${view.term}) after (${before.epoch}, ${before.term})`
      return [finding('reigns-never-fall', lastKnownRoom, { entry, text })]
    })
  })
}

/** All that told a client of a reign. */
function reigns({ moments }: LastKnownRoom): readonly (HeardMoment & { readonly view: View })[] {
  return heard(moments).flatMap((moment) => {
    const { message, after } = moment
    const tells = message.type === 'welcome' || message.type === 'host'
    return tells && after !== null ? [{ ...moment, view: after }] : []
  })
}

function isBelow(one: View, other: View): boolean {
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.term < other.term)
}
