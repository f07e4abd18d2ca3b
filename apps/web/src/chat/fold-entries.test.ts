import { expect, test } from 'vitest'
import type { Entry, Message, RoomEvent } from './entries.ts'
import { foldEntries } from './fold-entries.ts'

const minute = 60_000
const noon = new Date(2026, 10, 30, 12).getTime()
let count = 0

const notice = (event: RoomEvent, at = noon): Entry => ({
  kind: 'notice',
  key: `n${++count}`,
  at: new Date(at),
  event,
})
const says = (from: string, text: string, at = noon): Entry => ({
  kind: 'message',
  key: text,
  at: new Date(at),
  // An id of a peer, as the SDK makes them.
  from: from as Message['from'],
  name: from,
  colour: 'moss',
  isMine: false,
  text,
  failure: null,
  isSending: false,
  isUnheard: false,
})
const joined = (name: string) => notice({ type: 'joined', name })
const left = (name: string) => notice({ type: 'left', name })
const host = (name: string) => notice({ type: 'host', name, isMe: false })

const lines = (entries: readonly Entry[]) =>
  foldEntries(entries).map((item) =>
    item.type === 'notices'
      ? item.lines.map(({ event, names }) => `${event.type}: ${names.join()}`).join('; ')
      : item.key,
  )
const continuations = (entries: readonly Entry[]) =>
  foldEntries(entries).map((item) => item.type === 'message' && item.isContinuation)

test('everyone who joins between two messages is told in one line', () => {
  const entries = [says('Ann', 'a'), joined('Bo'), joined('Cy'), joined('Di'), says('Ann', 'b')]
  expect(lines(entries)).toEqual(['a', 'joined: Bo,Cy,Di', 'b'])
})

test('joins and leaves that alternate are two lines, and a name is told once', () => {
  expect(lines([joined('Bo'), left('Bo'), joined('Cy'), joined('Bo'), left('Cy')])).toEqual([
    'joined: Bo,Cy; left: Bo,Cy',
  ])
})

test('of several hosts in a row the last one counts', () => {
  const entries = [host('Ann'), left('Ann'), host('Bo'), host('Cy')]
  expect(lines(entries)).toEqual(['left: Ann; host: '])
  const [item] = foldEntries(entries)
  expect(item?.type === 'notices' && item.lines.at(-1)?.event).toMatchObject({ name: 'Cy' })
})

test('a server, or a member, that was away for a moment leaves no line', () => {
  const away = (name: string) => notice({ type: 'member-away', name })
  const back = (name: string) => notice({ type: 'member-back', name })
  expect(lines([notice({ type: 'away' }), notice({ type: 'back' })])).toEqual([])
  expect(lines([away('Bo'), away('Cy'), back('Bo')])).toEqual(['member-away: Cy'])
  expect(lines([away('Bo'), says('Ann', 'a'), back('Bo')])).toEqual([
    'member-away: Bo',
    'a',
    'member-back: Bo',
  ])
})

test('a speaker is named again after five minutes, after a notice and on another day', () => {
  expect(continuations([says('Ann', 'a'), says('Ann', 'b', noon + 4 * minute)])).toEqual([
    false,
    true,
  ])
  expect(continuations([says('Ann', 'a'), says('Ann', 'b', noon + 5 * minute)])).toEqual([
    false,
    false,
  ])
  expect(continuations([says('Ann', 'a'), joined('Bo'), says('Ann', 'b')])).toEqual([
    false,
    false,
    false,
  ])
  const midnight = new Date(2026, 11, 1).getTime()
  expect(
    continuations([says('Ann', 'a', midnight - minute), says('Ann', 'b', midnight + minute)]),
  ).toEqual([false, false])
})

test('someone who goes on for an hour has the time of each pause, not of each word', () => {
  const entries = Array.from({ length: 60 }, (_, index) =>
    says('Ann', String(index), noon + index * minute),
  )
  expect(continuations(entries).filter((isContinuation) => !isContinuation)).toHaveLength(1)
})

test('the line of unread messages stands before the first of them', () => {
  const entries = [says('Ann', 'a'), joined('Bo'), says('Ann', 'b'), says('Ann', 'c')]
  const keys = foldEntries(entries, { key: 'b', at: new Date(noon) }).map(({ key }) => key)
  expect(keys).toEqual(['a', entries[1]?.key, 'unread', 'b', 'c'])
})
