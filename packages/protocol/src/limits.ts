import type { Limits } from './messages.ts'

/** Maximum size of a presence, in bytes of JSON. */
export const maxPresenceBytes: number = 4 * 1024

/** The limits of a server with default settings. */
export const defaultLimits: Limits = {
  maxFrameBytes: 64 * 1024,
  maxPresenceBytes,
  maxMembers: 64,
  signalsPerSecond: 200,
  // A peer that joins a full room signals to all other members at once.
  signalsBurst: 2_000,
  updatesPerSecond: 2,
  updatesBurst: 10,
  memberGraceMs: 10_000,
  hostGraceMs: 5_000,
  reloadGraceMs: 3_000,
}

/** Maximum size of a frame from the server: a welcome to a full room. */
export const maxServerFrameBytes: number = 512 * 1024

/** Maximum length of a room name, in bytes of UTF-8. */
export const maxRoomNameBytes = 128
