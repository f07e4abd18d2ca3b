import type { HostMessage } from '@skein/protocol'
import { type Finding, finding, type LastKnownRoom } from './finding.ts'
import { heard } from './timeline.ts'
import type { View } from './view.ts'

/** Invariant 2: who becomes host is a member that is online and wants to be. */
export function aHostIsEligible(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  return changes(witnesses).flatMap(({ lastKnownRoom, entry, message, before }) => {
    if (message.host === null) return []
    const member = before.members.get(message.host)
    if (member?.online === true && member.canHost) return []
    const text = `${message.host} became host (term ${message.term}) and is not eligible`
    return [finding('a-host-is-eligible', lastKnownRoom, { entry, text })]
  })
}

/** Invariant 3: a role is taken for a timeout or a departure from nobody who is there. */
export function aHostThatIsThereStays(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  return changes(witnesses).flatMap(({ lastKnownRoom, entry, message, before }) => {
    const { reason, previous, term } = message
    if (previous === null || !reasonsToBeAway.has(reason)) return []
    if (before.members.get(previous)?.online !== true) return []
    const text = `${previous} lost the role (${reason}, term ${term}) and was online`
    return [finding('a-host-that-is-there-stays', lastKnownRoom, { entry, text })]
  })
}

const reasonsToBeAway: ReadonlySet<HostMessage['reason']> = new Set(['timeout', 'left', 'kicked'])

interface Change {
  readonly lastKnownRoom: LastKnownRoom
  readonly entry: LastKnownRoom['moments'][number]['entry']
  readonly message: HostMessage
  readonly before: View
}

function changes(witnesses: readonly LastKnownRoom[]): readonly Change[] {
  return witnesses.flatMap((lastKnownRoom) =>
    heard(lastKnownRoom.moments).flatMap(({ entry, message, before, misstep }) => {
      const isChange = message.type === 'host' && before !== null && misstep === null
      return isChange ? [{ lastKnownRoom, entry, message, before }] : []
    }),
  )
}
