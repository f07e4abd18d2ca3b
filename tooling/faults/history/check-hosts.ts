import type { HostMessage } from '@skein/protocol'
import { type Finding, finding, type Replay } from './finding.ts'
import { receivedMoments } from './timeline.ts'
import type { View } from './view.ts'

/** Invariant 2: a new host is an online member with `canHost`. */
export function checkNewHosts(replays: readonly Replay[]): readonly Finding[] {
  return hostChanges(replays).flatMap(({ replay, entry, message, before }) => {
    if (message.host === null) return []
    const member = before.members.get(message.host)
    if (member?.online === true && member.canHost) return []
    const text = `${message.host} became host (term ${message.term}) but is not eligible`
    return [finding('new-host-is-eligible', replay, { entry, text })]
  })
}

/** Invariant 3: an online host does not lose the role by a timeout or a departure. */
export function checkOnlineHosts(replays: readonly Replay[]): readonly Finding[] {
  return hostChanges(replays).flatMap(({ replay, entry, message, before }) => {
    const { reason, previous, term } = message
    if (previous === null || !departureReasons.has(reason)) return []
    if (before.members.get(previous)?.online !== true) return []
    const text = `${previous} lost the role (${reason}, term ${term}) while online`
    return [finding('online-host-keeps-role', replay, { entry, text })]
  })
}

const departureReasons: ReadonlySet<HostMessage['reason']> = new Set(['timeout', 'left', 'kicked'])

interface HostChange {
  readonly replay: Replay
  readonly entry: Replay['moments'][number]['entry']
  readonly message: HostMessage
  readonly before: View
}

function hostChanges(replays: readonly Replay[]): readonly HostChange[] {
  return replays.flatMap((replay) =>
    receivedMoments(replay.moments).flatMap(({ entry, message, before, sequenceError }) => {
      const isChange = message.type === 'host' && before !== null && sequenceError === null
      return isChange ? [{ replay, entry, message, before }] : []
    }),
  )
}
