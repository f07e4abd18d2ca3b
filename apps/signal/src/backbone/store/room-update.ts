import type { RoomEffect, RoomPolicy } from '@skein/protocol/room'
import { readRoom, roomFormat } from './room-document.ts'
import type { Commit } from './store.ts'

/** The first byte of a room update in the inbox of a node. */
export const roomUpdateMark = 'N'

/** A commit as one node publishes it to another. */
export interface RoomUpdate {
  readonly name: string
  readonly version: number
  readonly base: number | null
  readonly store: string
  /** For connections of the receiving node. */
  readonly effects: readonly RoomEffect[]
}

/** Everything but the room: the commit script appends its text, the same that it stores. */
export const writeRoomUpdate = (update: RoomUpdate): string =>
  `${roomUpdateMark}${JSON.stringify(update)}\n`

/** Parses a room update; throws when it is invalid. */
export const readRoomUpdate = (message: Buffer, policy: RoomPolicy): Commit => {
  // JSON has no line breaks of its own.
  const end = message.indexOf(lineBreak)
  const update: RoomUpdate = JSON.parse(message.toString('utf8', roomUpdateMark.length, end))
  const text = message.toString('utf8', end + 1)
  const document = readRoom({ format: roomFormat, text, policy })
  if (document.type === 'unreadable' || document.type === 'newer') {
    throw new Error('The room is not readable.')
  }
  return { ...update, room: document.type === 'room' ? document.room : null, isOwn: false }
}

const lineBreak = '\n'
