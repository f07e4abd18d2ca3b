import { expect, test } from 'vitest'
import { deadline, isEmpty } from './index.ts'
import { Table } from './table.fixture.ts'

const three = () => new Table().join('ann').join('ben').join('cat')
const restarted = (table = three()) =>
  table.wait(2_000).restart({ recoverUntil: table.now + 7_000, keepUntil: table.now + 62_000 })

test('welcomes wait until as many are back as the newest token counted', () => {
  const table = restarted().resume('ben').resume('ann')
  expect(table.room.recovery).not.toBeNull()
  expect(table.heardBy('ann')).toEqual([])
  table.resume('cat')
  for (const name of ['ann', 'ben', 'cat']) {
    expect(table.heardBy(name)).toMatchObject([
      { type: 'welcome', resumed: true, self: { id: name }, host: 'ann', term: 1, epoch: 1_000 },
    ])
  }
})

test('a recovery ends after its time, and the role of a host that is not back moves on', () => {
  const table = restarted().resume('cat').resume('ben')
  expect(deadline(table.room)).toBe(table.now + 5_000)
  table.wait(5_000).send(null, { type: 'tick' })
  expect(table.lastFor('cat')).toMatchObject({ type: 'welcome', host: 'ben', term: 2 })
  table.resume('ann')
  expect(table.lastFor('ann')).toMatchObject({ type: 'error', code: 'resume-rejected' })
})

test('newcomers wait, come last, and get a place well above', () => {
  const table = restarted().join('dan').resume('ann').resume('ben').resume('cat')
  expect(table.lastFor('dan')).toMatchObject({ type: 'welcome', resumed: false, host: 'ann' })
  expect(table.lastFor('cat')).toMatchObject({ type: 'peer-joined', peer: { joinOrder: 1_002 } })
})

test('when nobody comes back the room opens as a fresh one of a later epoch', () => {
  const table = restarted().join('dan')
  expect(table.heardBy('dan')).toEqual([])
  table.wait(7_000).send(null, { type: 'tick' })
  expect(table.lastFor('dan')).toMatchObject({ type: 'welcome', host: 'dan', epoch: 3_000 })
})

test('the highest epoch wins, and tokens of lower ones are rejected', () => {
  const table = new Table().join('ann').join('ben').send('ann', { type: 'leave' })
  table.send('ben', { type: 'leave' }).wait(500).join('cat').join('dan')
  restarted(table).resume('ann').resume('cat').resume('ben')
  for (const name of ['ann', 'ben']) {
    expect(table.lastFor(name)).toMatchObject({ type: 'error', code: 'resume-rejected' })
  }
  table.resume('dan')
  expect(table.lastFor('dan')).toMatchObject({ type: 'welcome', epoch: 1_500, host: 'cat' })
})

test('the newer of two connections of one member waits, the older is closed', () => {
  const table = restarted().resume('ann')
  const connection = table.connectionOf('ann')
  table.resume('ann')
  expect(table.effects).toContainEqual({ type: 'close', connection, code: 4502 })
})

test('who is gone before the end is not counted', () => {
  const table = restarted().resume('ann').lose('ann').resume('ben').resume('cat')
  expect(table.room.recovery?.returning).toHaveLength(2)
  table.wait(5_000).send(null, { type: 'tick' })
  expect(table.room.members.map(({ id }) => id)).toEqual(['ben', 'cat'])
})

test('a host that no longer wants the role does not get it back', () => {
  const table = restarted().resume('ann', { canHost: false }).resume('ben').resume('cat')
  expect(table.lastFor('cat')).toMatchObject({ type: 'welcome', host: 'ben', term: 2 })
})

test('a room that emptied stays closed while old tokens are accepted', () => {
  const table = restarted().resume('ann').resume('ben').resume('cat')
  for (const name of ['ann', 'ben', 'cat']) table.send(name, { type: 'leave' })
  expect(isEmpty(table.room)).toBe(false)
  table.resume('ann')
  expect(table.lastFor('ann')).toMatchObject({ type: 'error', code: 'resume-rejected' })
  table.join('dan')
  expect(table.lastFor('dan')).toMatchObject({ type: 'welcome', host: 'dan', term: 1 })
  expect(table.room.epoch).toBeGreaterThan(1_000)
})

test('an empty room is forgotten once old tokens are no longer accepted', () => {
  const table = restarted().resume('ann').resume('ben').resume('cat')
  for (const name of ['ann', 'ben', 'cat']) table.send(name, { type: 'leave' })
  const due = deadline(table.room)
  expect(due).toBe(65_000)
  table.wait(65_000 - table.now).send(null, { type: 'tick' })
  expect(isEmpty(table.room)).toBe(true)
})

test('one who waited and is gone when the time is up is a member that is away', () => {
  const table = restarted().resume('ann').wait(5_000).lose('ann')
  expect(table.room.members).toMatchObject([{ id: 'ann', online: false }])
})

const once = { sub: 'u-7', isSingle: true }

test('of one sub, where there may be one, the last to have joined comes back', () => {
  const table = new Table().identify('ann', once).identify('cat', once).join('ann').join('ben')
  const lost = table.claimsOf('ann')
  restarted(table.join('cat')).resume('ann', {}, lost)
  const connection = table.connectionOf('ann')
  table.resume('cat').resume('ben')
  expect(table.heardBy('ann')).toEqual([])
  expect(table.effects).toContainEqual({ type: 'close', connection, code: 4502 })
  expect(table.room.members.map(({ id }) => id)).toEqual(['ben', 'cat'])
})

test('a newcomer of that sub who waits too takes the place, and the room begins anew', () => {
  const table = restarted(new Table().identify('ann', once).join('ann').join('ben'))
  table.resume('ann').identify('dan', once).join('dan').wait(5_000).send(null, { type: 'tick' })
  expect(table.heardBy('ann')).toEqual([])
  expect(table.lastFor('dan')).toMatchObject({ type: 'welcome', resumed: false, host: 'dan' })
})
