import type { RoomPolicy } from '@skein/protocol/room'
import type { Settings } from './settings.ts'
import type { Tuning } from './tuning.ts'

/** The policy that this server applies to every room, whichever server created it. */
export const roomPolicy = (settings: Settings, tuning: Tuning): RoomPolicy => ({
  memberGraceMs: settings.memberGraceMs,
  hostGraceMs: settings.hostGraceMs,
  reloadGraceMs: tuning.reloadGraceMs,
  maxMembers: settings.maxRoomMembers,
  rebuildMs: settings.rebuildMs,
  rebuildMinMs: Math.min(tuning.rebuildMinMs, settings.rebuildMs),
  tokenRenewMs: tuning.resumeLifeMs / 2,
})
