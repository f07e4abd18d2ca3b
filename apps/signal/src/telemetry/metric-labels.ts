import { closeCodes, errorEntries, type HostReason } from '@skein/protocol'

// All values of all labels. Every series exists at zero from the start: `rate()` misses the first
// event of a series that only appears with it.

/** Whether a member joined for the first time or resumed its membership. */
export const joinKinds = ['fresh', 'resumed'] as const
export type JoinKind = (typeof joinKinds)[number]

/** Why a connection was rejected before it could join. */
export const rejectionReasons = [
  'origin',
  'connections',
  'address',
  'memory',
  'late',
  'draining',
  'upgrade',
] as const
export type RejectionReason = (typeof rejectionReasons)[number]

/** A record, so that a new reason in the protocol does not compile until it is added here. */
const everyHostReason: Readonly<Record<HostReason, true>> = {
  first: true,
  left: true,
  timeout: true,
  transfer: true,
  ineligible: true,
  eligible: true,
  kicked: true,
  failover: true,
}
export const hostReasons: readonly string[] = Object.keys(everyHostReason)

/** The error codes that a server sends. */
export const errorCodes: readonly string[] = Object.entries(errorEntries)
  .filter(([, { scope }]) => scope !== 'sdk')
  .map(([code]) => code)

/** The close codes that a server uses; 1000 follows a `leave`. */
export const closingCodes: readonly string[] = [1000, ...Object.values(closeCodes)].map(String)
