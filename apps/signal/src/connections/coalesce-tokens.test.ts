import { type ConnectionId, connectionId, errorMessage, peerId } from '@skein/protocol'
import type { RoomEffect } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import { coalesceTokens } from './coalesce-tokens.ts'

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
const error = errorMessage({ code: 'peer-not-found', about: 'signal' })
const message: RoomEffect = { type: 'send', to: [ann], message: error }

test('of several tokens for a member only the latest is kept, in the place of the first', () => {
  const effects = [token(ann, 2), message, token(ben, 3), token(ann, 4), message]
  expect(coalesceTokens(effects)).toEqual([token(ann, 4), message, token(ben, 3), message])
})

test('effects with one token per member are returned unchanged', () => {
  const effects = [token(ann, 2), message, token(ben, 2)]
  expect(coalesceTokens(effects)).toBe(effects)
})

test('a welcome is always kept, and carries the latest token', () => {
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
  expect(coalesceTokens([welcome, message, latest])).toEqual([
    { ...welcome, claims: latest.claims },
    message,
  ])
  expect(coalesceTokens([token(ann, 1), welcome])).toEqual([token(ann, 2), welcome])
})
