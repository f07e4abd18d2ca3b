import type { Millis } from '@skein/protocol'
import type { Entry } from './log.ts'
import type { Moment } from './timeline.ts'

/** A rule of PROTOCOL.md that a history can break. Each one has a test that breaks it. */
export type Rule =
  | 'valid-frames-only'
  | 'one-host-per-term'
  | 'host-terms-never-go-back'
  | 'new-host-is-eligible'
  | 'online-host-keeps-role'
  | 'welcome-comes-first'
  | 'revisions-in-order'
  | 'gap-is-resynced'
  | 'messages-match-the-view'
  | 'views-agree'
  | 'online-members-are-connected'
  | 'signals-only-from-members'
  | 'signals-only-to-members'
  | 'signals-in-order-once'
  | 'resume-keeps-the-member'
  | 'ids-are-never-reused'
  | 'one-connection-per-member'

/** A violation of a rule in a history. */
export interface Finding {
  readonly rule: Rule
  readonly client: string
  readonly at: Millis
  readonly text: string
}

/** The replayed log of a client. */
export interface Replay {
  readonly name: string
  readonly room: string
  readonly moments: readonly Moment[]
}

/** Checks the replays of all clients. */
export type Check = (replays: readonly Replay[]) => readonly Finding[]

/** Creates a finding at an entry of a replay. */
export function finding(
  rule: Rule,
  { name }: Replay,
  { entry, text }: { readonly entry: Entry | undefined; readonly text: string },
): Finding {
  return { rule, client: name, at: Math.round(entry?.at ?? 0), text }
}
