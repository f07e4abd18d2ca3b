import type { RoomEffect } from '@skein/protocol/room'
import { readRoom, roomFormat } from './room-document.ts'
import type { Commit } from './store.ts'

/** The first byte of news in the inbox of a node. */
export const newsMark = 'N'

export interface News {
  readonly name: string
  readonly version: number
  readonly base: number | null
  readonly store: string
  /** For connections of the node that is told. */
  readonly effects: readonly RoomEffect[]
}

/** All but the room: a script puts its text after that, as it puts it into the store. */
export const writeNews = (news: News): string => `${newsMark}${JSON.stringify(news)}\n`

/** Throws when it is no news. */
export const readNews = (message: Buffer): Commit => {
  // JSON has no line breaks of its own.
  const end = message.indexOf(lineBreak)
  const news: News = JSON.parse(message.toString('utf8', newsMark.length, end))
  const text = message.toString('utf8', end + 1)
  const document = readRoom({ format: roomFormat, text })
  if (document.type === 'broken' || document.type === 'foreign') {
    throw new Error('The room is not readable.')
  }
  return { ...news, room: document.type === 'room' ? document.room : null, isOwn: false }
}

const lineBreak = '\n'
