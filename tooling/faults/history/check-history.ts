import { aHostIsEligible, aHostThatIsThereStays } from './check-hosts.ts'
import { aResumeKeepsTheMember, idsAreNeverReused, noGhosts, viewsAgree } from './check-members.ts'
import {
  oneConnectionAMember,
  onlyTheProtocol,
  revisionsInOrder,
  welcomeComesFirst,
} from './check-order.ts'
import { oneHostAReign, reignsNeverFall } from './check-reigns.ts'
import {
  signalsInOrderOnce,
  signalsOnlyFromMembers,
  signalsOnlyToMembers,
} from './check-signals.ts'
import type { Check, Finding, LastKnownRoom } from './finding.ts'
import type { ClientLog } from './log.ts'
import { timeline } from './timeline.ts'

const checks: readonly Check[] = [
  onlyTheProtocol,
  oneHostAReign,
  reignsNeverFall,
  aHostIsEligible,
  aHostThatIsThereStays,
  welcomeComesFirst,
  revisionsInOrder,
  oneConnectionAMember,
  viewsAgree,
  noGhosts,
  aResumeKeepsTheMember,
  idsAreNeverReused,
  signalsInOrderOnce,
  signalsOnlyFromMembers,
  signalsOnlyToMembers,
]

/** All that breaks a rule in what these clients saw; their logs end when the room is at rest. */
export function checkHistory(logs: readonly ClientLog[]): readonly Finding[] {
  const witnesses = witnessesOf(logs)
  return checks.flatMap((check) => check(witnesses))
}

export function witnessesOf(logs: readonly ClientLog[]): readonly LastKnownRoom[] {
  return logs.map((log) => ({ name: log.name, room: log.room, moments: timeline(log) }))
}
