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
