import type { Room, RoomPolicy } from '@skein/protocol/room'

/** The format of a stored room. Servers that share a Redis must use the same one. */
export const roomFormat = '2'

/** What the store holds for a room. */
export type RoomDocument =
  | { readonly type: 'room'; readonly room: Room }
  | { readonly type: 'none' }
  /** Not a room, or in an earlier format. */
  | { readonly type: 'unreadable' }
  /** Written by a later version of this server. */
  | { readonly type: 'newer' }

/** The text of a room as it is stored; empty for no room. */
/** Without the policy: each server applies its own settings, also to rooms made before a deploy. */
export const writeRoom = (room: Room | null): string =>
  room === null ? '' : JSON.stringify({ ...room, policy: undefined })

/** Parses the stored text of a room. */
export const readRoom = ({
  format,
  text,
  policy,
}: {
  readonly format: string
  readonly text: string
  readonly policy: RoomPolicy
}): RoomDocument => {
  if (text === '') return { type: 'none' }
  // The members of a room in an earlier format rejoin, in a new room with a higher epoch.
  if (Number(format) < Number(roomFormat)) return { type: 'unreadable' }
  if (format !== roomFormat) return { type: 'newer' }
  const room = parse(text)
  return room === null ? { type: 'unreadable' } : { type: 'room', room: { ...room, policy } }
}

const parse = (text: string): Omit<Room, 'policy'> | null => {
  try {
    const value: unknown = JSON.parse(text)
    return isRoom(value) ? value : null
  } catch {
    return null
  }
}

/** Checks enough fields to tell a room from foreign data, not every field. */
const isRoom = (value: unknown): value is Omit<Room, 'policy'> => {
  if (!isRecord(value) || typeof value.name !== 'string' || !Array.isArray(value.kicked))
    return false
  const { members, recovery, host } = value
  const numbers = [value.epoch, value.term, value.revision, value.nextJoinOrder]
  return (
    numbers.every(Number.isSafeInteger) &&
    (host === null || typeof host === 'string') &&
    Array.isArray(members) &&
    members.every(isMember) &&
    (recovery === null || isRecovery(recovery))
  )
}

const isMember = (value: unknown): boolean =>
  isRecord(value) &&
  typeof value.id === 'string' &&
  typeof value.online === 'boolean' &&
  (value.connection === null || typeof value.connection === 'string') &&
  Number.isSafeInteger(value.joinOrder) &&
  Number.isSafeInteger(value.tokenSerial) &&
  Number.isSafeInteger(value.presentedSerial)

const isRecovery = (value: unknown): boolean =>
  isRecord(value) &&
  Number.isFinite(value.until) &&
  Number.isFinite(value.earliest) &&
  Array.isArray(value.returning) &&
  Array.isArray(value.newcomers) &&
  Array.isArray(value.departed) &&
  [...value.returning, ...value.newcomers].every(
    (each) => isRecord(each) && typeof each.connection === 'string',
  )

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
