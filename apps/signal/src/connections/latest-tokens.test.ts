import { type ConnectionId, connectionId, errorMessage, peerId } from '@skein/protocol'
import type { RoomEffect } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import { latestTokens } from './latest-tokens.ts'

const [ann, ben] = [connectionId('n.1'), connectionId('n.2')]

const token = (to: ConnectionId, online: number): Extract<RoomEffect, { type: 'resume' }> => ({
  type: 'resume',
  to,
  claims: {
    room: 'blue-door',
    epoch: 1,
    id: peerId(to),
    joinOrder: 0,
    tokenSerial: 0,
    term: 1,
    host: null,
    online,
    sub: null,
  },
})
const message = errorMessage({ code: 'peer-not-found', about: 'signal' })
const news: RoomEffect = { type: 'send', to: [ann], message }

test('of several tokens for a member only the latest is given, in the place of the first', () => {
  const effects = [token(ann, 2), news, token(ben, 3), token(ann, 4), news]
  expect(latestTokens(effects)).toEqual([token(ann, 4), news, token(ben, 3), news])
})

test('one token each is left as it is', () => {
  const effects = [token(ann, 2), news, token(ben, 2)]
  expect(latestTokens(effects)).toBe(effects)
})

test('a welcome is never left out, and carries the latest token', () => {
  const { to, claims } = token(ann, 2)
  const welcome: RoomEffect = {
    type: 'welcome',
    to,
    claims,
    message: {
      type: 'welcome',
      v: 1,
      self: {
        id: peerId(to),
        joinOrder: 0,
        presence: null,
        canHost: true,
        priority: 0,
        online: true,
      },
      room: 'blue-door',
      epoch: 1,
      revision: 1,
      term: 1,
      host: null,
      peers: [],
      resumed: false,
    },
  }
  const latest = token(ann, 3)
  expect(latestTokens([welcome, news, latest])).toEqual([
    { ...welcome, claims: latest.claims },
    news,
  ])
  expect(latestTokens([token(ann, 1), welcome])).toEqual([token(ann, 2), welcome])
})
