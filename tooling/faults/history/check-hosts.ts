import type { HostMessage } from '@skein/protocol'
import { type Finding, finding, type Witness } from './finding.ts'
import { heard } from './timeline.ts'
import type { View } from './view.ts'

/** Invariant 2: who becomes host is a member that is online and wants to be. */
export function aHostIsEligible(witnesses: readonly Witness[]): readonly Finding[] {
  return changes(witnesses).flatMap(({ witness, entry, message, before }) => {
    if (message.host === null) return []
    const member = before.members.get(message.host)
    if (member?.online === true && member.canHost) return []
    const text = `${message.host} became host (term ${message.term}) and is not eligible`
    return [finding('a-host-is-eligible', witness, { entry, text })]
  })
}

/** Invariant 3: a role is taken for a timeout or a departure from nobody who is there. */
export function aHostThatIsThereStays(witnesses: readonly Witness[]): readonly Finding[] {
  return changes(witnesses).flatMap(({ witness, entry, message, before }) => {
    const { reason, previous, term } = message
    if (previous === null || !reasonsToBeAway.has(reason)) return []
    if (before.members.get(previous)?.online !== true) return []
    const text = `${previous} lost the role (${reason}, term ${term}) and was online`
    return [finding('a-host-that-is-there-stays', witness, { entry, text })]
  })
}

const reasonsToBeAway: ReadonlySet<HostMessage['reason']> = new Set(['timeout', 'left', 'kicked'])

interface Change {
  readonly witness: Witness
  readonly entry: Witness['moments'][number]['entry']
  readonly message: HostMessage
  readonly before: View
}

function changes(witnesses: readonly Witness[]): readonly Change[] {
  return witnesses.flatMap((witness) =>
    heard(witness.moments).flatMap(({ entry, message, before, misstep }) => {
      const isChange = message.type === 'host' && before !== null && misstep === null
      return isChange ? [{ witness, entry, message, before }] : []
    }),
  )
}
