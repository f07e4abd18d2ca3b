import { connectionId, peerId } from '@skein/protocol'
import type { RoomInput } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import { compensatingInputs } from './failure-replies.ts'

const self = { presence: null, canHost: true, priority: 0 }
const here = connectionId('here.1')
const join = (id: string): RoomInput => ({
  type: 'join',
  connection: here,
  id: peerId(id),
  self,
  identity: null,
})

test('one leave undoes any number of joins of a connection', () => {
  const again = compensatingInputs([join('first'), join('second')])
  expect(again).toEqual([{ type: 'leave', connection: here, id: 'first' }])
  expect(compensatingInputs([...again, join('third')])).toHaveLength(1)
})

test('a leave is not replaced by a loss of the same connection', () => {
  const leave: RoomInput = { type: 'leave', connection: here, id: peerId('a') }
  const lost: RoomInput = { ...leave, type: 'lost' }
  expect(compensatingInputs([leave, lost])).toEqual([leave])
  expect(compensatingInputs([lost, leave])).toEqual([leave])
})

test('each connection and each node gets one compensating input, and a tick needs none', () => {
  const lost: RoomInput = { type: 'lost', connection: connectionId('here.2'), id: null }
  const node: RoomInput = { type: 'node-lost', node: 'there' }
  expect(compensatingInputs([lost, node, { type: 'tick' }, node])).toEqual([lost, node])
})

test('a page that went is tried again, and a mere absence does not replace its leave', () => {
  const claims = {
    room: 'r',
    epoch: 1,
    id: peerId('a'),
    joinOrder: 0,
    tokenSerial: 3,
    term: 1,
    host: null,
    online: 1,
    sub: null,
  }
  const away: RoomInput = { type: 'detach', claims, absence: 'away' }
  const left: RoomInput = { type: 'detach', claims, absence: 'left' }
  expect(compensatingInputs([away, left])).toEqual([left])
  expect(compensatingInputs([left, away])).toEqual([left])
  const earlier: RoomInput = { ...left, claims: { ...claims, tokenSerial: 2 } }
  expect(compensatingInputs([earlier, away])).toEqual([earlier, away])
})
