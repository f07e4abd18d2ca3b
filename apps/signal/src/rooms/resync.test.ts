import { closeCodes, connectionId, peerId } from '@skein/protocol'
import { createRoom, type Room, type RoomMember } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import { type Attachment, resyncOf } from './resync.ts'

const policy = { memberGraceMs: 1, hostGraceMs: 1, maxMembers: 9, rebuildMs: 1, tokenRenewMs: 1 }
const memberOf = (name: string, connection: string | null): RoomMember => ({
  id: peerId(name),
  joinOrder: 0,
  presence: null,
  canHost: true,
  priority: 0,
  online: connection !== null,
  connection: connection === null ? null : connectionId(connection),
  offlineSince: connection === null ? 1 : null,
  tokenSerial: 0,
  tokenAt: 0,
  tokenTerm: 0,
  tokenOnline: 0,
  sub: null,
})
const roomOf = (...members: readonly RoomMember[]): Room => ({
  ...createRoom({ name: 'r', epoch: 1, policy, recoverUntil: null, keepUntil: null }),
  members,
})
const attachment = (peer: string, connection: string, isMember = true): Attachment => ({
  room: 'r',
  peer: peerId(peer),
  connection: connectionId(connection),
  isMember,
})
const isHere = (connection: string): boolean => connection.startsWith('here.')
const repair = (room: Room | null, ...attached: readonly Attachment[]) =>
  resyncOf({ room, attached, isHere })

test('who is a member is told everything, on this node alone', () => {
  const room = roomOf(memberOf('a', 'here.1'), memberOf('b', 'there.1'))
  const { effects, inputs } = repair(room, attachment('a', 'here.1'))
  expect(effects).toMatchObject([{ type: 'welcome', to: 'here.1', message: { resumed: true } }])
  expect(inputs).toEqual([])
})

test('who is no member any more has to come anew', () => {
  expect(repair(roomOf(), attachment('a', 'here.1')).effects).toEqual([
    { type: 'close', connection: 'here.1', code: closeCodes.goingAway },
  ])
  expect(repair(null, attachment('a', 'here.1')).effects).toHaveLength(1)
})

test('who came back by another connection is told so on the old one', () => {
  const room = roomOf(memberOf('a', 'there.1'))
  expect(repair(room, attachment('a', 'here.1')).effects).toEqual([
    { type: 'close', connection: 'here.1', code: closeCodes.superseded },
  ])
})

test('who waits for an answer that was lost is asked to try again', () => {
  const { effects } = repair(roomOf(), attachment('a', 'here.1', false))
  expect(effects).toMatchObject([
    { type: 'refuse', to: 'here.1', message: { code: 'overloaded', retryable: true } },
  ])
})

test('who waits for the end of a recovery goes on waiting', () => {
  const connection = connectionId('here.1')
  const self = { presence: null, canHost: true, priority: 0 }
  const newcomers = [{ connection, id: peerId('a'), self, identity: null }]
  const room = { ...roomOf(), recovery: { until: 9, returning: [], newcomers } }
  expect(repair(room, attachment('a', 'here.1', false))).toEqual({ effects: [], inputs: [] })
})

test('of sockets that are gone the room learns, of those of other nodes it does not', () => {
  const room = roomOf(memberOf('a', 'here.1'), memberOf('b', 'there.1'), memberOf('c', null))
  expect(repair(room)).toEqual({
    effects: [],
    inputs: [{ type: 'lost', connection: 'here.1', id: null }],
  })
})
