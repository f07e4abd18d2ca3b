import type { Limits } from './messages.ts'

/** The largest presence, in bytes of JSON. */
export const maxPresenceBytes: number = 4 * 1024

export const defaultLimits: Limits = {
  maxFrameBytes: 64 * 1024,
  maxPresenceBytes,
  maxMembers: 64,
  signalsPerSecond: 200,
  // A newcomer to a full room calls everyone at once.
  signalsBurst: 2_000,
  memberGraceMs: 10_000,
  hostGraceMs: 5_000,
}

/** The largest frame a server sends: a welcome to a full room. */
export const maxServerFrameBytes: number = 512 * 1024

/** The longest room name, in UTF-8 bytes. */
export const maxRoomNameBytes = 128
