import { closeCodes, connectionId, peerId } from '@skein/protocol'
import { createRoom, type Room, type RoomMember } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import { type Attachment, planResync } from './resync.ts'

const policy = {
  memberGraceMs: 1,
  hostGraceMs: 1,
  reloadGraceMs: 3_000,
  maxMembers: 9,
  rebuildMs: 1,
  rebuildMinMs: 0,
  tokenRenewMs: 1,
}
const memberOf = (name: string, connection: string | null): RoomMember => ({
  id: peerId(name),
  joinOrder: 0,
  presence: null,
  canHost: true,
  priority: 0,
  online: connection !== null,
  connection: connection === null ? null : connectionId(connection),
  offlineSince: connection === null ? 1 : null,
  absence: 'lost',
  tokenSerial: 0,
  presentedSerial: -1,
  tokenAt: 0,
  tokenTerm: 0,
  tokenOnline: 0,
  tokenKicked: null,
  sub: null,
  isSingle: false,
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
const resync = (room: Room | null, ...attached: readonly Attachment[]) =>
  planResync({ room, attached, isHere })

test('members on this node get a full welcome', () => {
  const room = roomOf(memberOf('a', 'here.1'), memberOf('b', 'there.1'))
  const { effects, inputs } = resync(room, attachment('a', 'here.1'))
  expect(effects).toMatchObject([{ type: 'welcome', to: 'here.1', message: { resumed: true } }])
  expect(inputs).toEqual([])
})

test('the connection of a peer that is no longer a member is closed', () => {
  expect(resync(roomOf(), attachment('a', 'here.1')).effects).toEqual([
    { type: 'close', connection: 'here.1', code: closeCodes.goingAway },
  ])
  expect(resync(null, attachment('a', 'here.1')).effects).toHaveLength(1)
})

test('the old connection of a member that resumed elsewhere is closed as superseded', () => {
  const room = roomOf(memberOf('a', 'there.1'))
  expect(resync(room, attachment('a', 'here.1')).effects).toEqual([
    { type: 'close', connection: 'here.1', code: closeCodes.superseded },
  ])
})

test('a joining peer whose reply was lost is asked to retry', () => {
  const { effects } = resync(roomOf(), attachment('a', 'here.1', false))
  expect(effects).toMatchObject([
    { type: 'refuse', to: 'here.1', message: { code: 'overloaded', retryable: true } },
  ])
})

test('a peer that waits for the end of a recovery keeps waiting', () => {
  const connection = connectionId('here.1')
  const self = { presence: null, canHost: true, priority: 0 }
  const newcomers = [{ connection, id: peerId('a'), self, identity: null, presentedSerial: null }]
  const room = {
    ...roomOf(),
    recovery: {
      until: 9,
      earliest: 9,
      returning: [],
      newcomers,
      departed: [],
      minEpoch: 0,
      mustRaiseTerm: false,
    },
  }
  expect(resync(room, attachment('a', 'here.1', false))).toEqual({ effects: [], inputs: [] })
})

test('the room learns of lost connections of this node, not of those of other nodes', () => {
  const room = roomOf(memberOf('a', 'here.1'), memberOf('b', 'there.1'), memberOf('c', null))
  expect(resync(room)).toEqual({
    effects: [],
    inputs: [{ type: 'lost', connection: 'here.1', id: null }],
  })
})
