import { checkHostTermOrder, checkOneHostPerTerm } from './check-host-terms.ts'
import { checkNewHosts, checkOnlineHosts } from './check-hosts.ts'
import { checkIds, checkOnlineMembers, checkResumes, checkViewsAgree } from './check-members.ts'
import {
  checkReplacedConnections,
  checkRevisions,
  checkValidFrames,
  checkWelcomeFirst,
} from './check-order.ts'
import { checkSignalOrder, checkSignalReceivers, checkSignalSenders } from './check-signals.ts'
import type { Check, Finding, Replay } from './finding.ts'
import type { ClientLog } from './log.ts'
import { replayLog } from './timeline.ts'

const checks: readonly Check[] = [
  checkValidFrames,
  checkOneHostPerTerm,
  checkHostTermOrder,
  checkNewHosts,
  checkOnlineHosts,
  checkWelcomeFirst,
  checkRevisions,
  checkReplacedConnections,
  checkViewsAgree,
  checkOnlineMembers,
  checkResumes,
  checkIds,
  checkSignalOrder,
  checkSignalSenders,
  checkSignalReceivers,
]

/** Finds all violations of the rules. The logs must end when the rooms are settled. */
export function checkHistory(logs: readonly ClientLog[]): readonly Finding[] {
  const replays = replayLogs(logs)
  return checks.flatMap((check) => check(replays))
}

/** Replays the log of each client. */
export function replayLogs(logs: readonly ClientLog[]): readonly Replay[] {
  return logs.map((log) => ({ name: log.name, room: log.room, moments: replayLog(log) }))
}
