import { connectionId, peerId } from '@skein/protocol'
import type { RoomInput } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import { undoingAll } from './failure-answers.ts'

const self = { presence: null, canHost: true, priority: 0 }
const here = connectionId('here.1')
const join = (id: string): RoomInput => ({
  type: 'join',
  connection: here,
  id: peerId(id),
  self,
  identity: null,
})

test('however often somebody tries to come in, one leave undoes it', () => {
  const again = undoingAll([join('first'), join('second')])
  expect(again).toEqual([{ type: 'leave', connection: here, id: 'first' }])
  expect(undoingAll([...again, join('third')])).toHaveLength(1)
})

test('who leaves is gone for good, also when the socket is lost besides', () => {
  const leave: RoomInput = { type: 'leave', connection: here, id: peerId('a') }
  const lost: RoomInput = { ...leave, type: 'lost' }
  expect(undoingAll([leave, lost])).toEqual([leave])
  expect(undoingAll([lost, leave])).toEqual([leave])
})

test('others are undone one by one, and what changes nothing for good not at all', () => {
  const lost: RoomInput = { type: 'lost', connection: connectionId('here.2'), id: null }
  const node: RoomInput = { type: 'node-lost', node: 'there' }
  expect(undoingAll([lost, node, { type: 'tick' }, node])).toEqual([lost, node])
})
