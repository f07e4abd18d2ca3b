import { closeCodes, errorEntries, type HostReason } from '@skein/protocol'

// Every value a label can have. Each series is there, at zero, before it is first counted: the rate
// of a series that appears with its first event does not show that event.

/** How a member came: for the first time, or back as itself. */
export const joinKinds = ['fresh', 'resumed'] as const
export type JoinKind = (typeof joinKinds)[number]

/** Why a newcomer was turned away before it could say anything. */
export const refusalReasons = [
  'origin',
  'connections',
  'address',
  'memory',
  'late',
  'draining',
  'upgrade',
] as const
export type RejectionReason = (typeof refusalReasons)[number]

/** The same that the protocol knows; a new one there does not compile here until it is named. */
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

/** The errors that a server says. */
export const errorCodes: readonly string[] = Object.entries(errorEntries)
  .filter(([, { scope }]) => scope !== 'sdk')
  .map(([code]) => code)

/** 1000 answers a goodbye. */
export const closingCodes: readonly string[] = [1000, ...Object.values(closeCodes)].map(String)
