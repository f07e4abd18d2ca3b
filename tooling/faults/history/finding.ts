import type { Millis } from '@skein/protocol'
import type { Entry } from './log.ts'
import type { Moment } from './timeline.ts'

/** A rule of PROTOCOL.md that a history can break; each has a test that breaks it. */
export type Rule =
  | 'only-the-protocol'
  | 'one-host-a-reign'
  | 'reigns-never-fall'
  | 'a-host-is-eligible'
  | 'a-host-that-is-there-stays'
  | 'welcome-comes-first'
  | 'revisions-in-order'
  | 'a-gap-is-healed'
  | 'messages-fit-the-view'
  | 'views-agree'
  | 'no-ghosts'
  | 'signals-only-from-members'
  | 'signals-only-to-members'
  | 'signals-in-order-once'
  | 'a-resume-keeps-the-member'
  | 'ids-are-never-reused'
  | 'one-connection-a-member'

/** A place in a history that breaks a rule. */
export interface Finding {
  readonly rule: Rule
  readonly client: string
  readonly at: Millis
  readonly text: string
}

/** A client's log, replayed. */
export interface LastKnownRoom {
  readonly name: string
  readonly room: string
  readonly moments: readonly Moment[]
}

/** Looks at what all clients saw. */
export type Check = (witnesses: readonly LastKnownRoom[]) => readonly Finding[]

/** A finding at an entry of a lastKnownRoom. */
export function finding(
  rule: Rule,
  { name }: LastKnownRoom,
  { entry, text }: { readonly entry: Entry | undefined; readonly text: string },
): Finding {
  return { rule, client: name, at: Math.round(entry?.at ?? 0), text }
}
