import { expect, test } from 'vitest'
import { connectionId, peerId } from '../ids.ts'
import { createRoom, deadline, isEmpty, type Room, type RoomInput, route, step } from './index.ts'
import { RoomHarness } from './room-harness.fixture.ts'

test('the first member is host of term 1, and its welcome says so', () => {
  const harness = new RoomHarness().join('ann')
  expect(harness.lastReceivedBy('ann')).toMatchObject({
    type: 'welcome',
    host: 'ann',
    term: 1,
    peers: [],
  })
})

test('a new member gets the others in its welcome, and they get a peer-joined', () => {
  const harness = new RoomHarness().join('ann').join('ben')
  expect(harness.lastReceivedBy('ben')).toMatchObject({ type: 'welcome', peers: [{ id: 'ann' }] })
  expect(harness.lastReceivedBy('ann')).toMatchObject({ type: 'peer-joined', peer: { id: 'ben' } })
})

test('a new member with a higher priority does not take the host role', () => {
  const harness = new RoomHarness().join('ann').join('ben', { priority: 100 })
  expect(harness.room).toMatchObject({ host: 'ann', term: 1 })
})

test('a room without an eligible member has no host until there is one', () => {
  const harness = new RoomHarness().join('ann', { canHost: false })
  expect(harness.room.host).toBeNull()
  harness.send('ann', { type: 'update', change: { canHost: true } })
  expect(harness.lastReceivedBy('ann')).toMatchObject({
    type: 'host',
    host: 'ann',
    reason: 'eligible',
  })
})

test('a host that leaves is replaced at once', () => {
  const harness = new RoomHarness().join('ann').join('ben').send('ann', { type: 'leave' })
  expect(harness.receivedBy('ben').slice(-2)).toMatchObject([
    { type: 'peer-left', id: 'ann', reason: 'left' },
    { type: 'host', host: 'ben', previous: 'ann', term: 2, reason: 'left' },
  ])
})

test('an offline host keeps its role until the host grace period ends', () => {
  const harness = new RoomHarness().join('ann').join('ben').disconnect('ann')
  expect(harness.lastReceivedBy('ben')).toMatchObject({
    type: 'peer-updated',
    peer: { online: false },
  })
  harness.wait(4_999).send(null, { type: 'tick' })
  expect(harness.room.host).toBe('ann')
  harness.wait(1).send(null, { type: 'tick' })
  expect(harness.lastReceivedBy('ben')).toMatchObject({
    type: 'host',
    host: 'ben',
    reason: 'timeout',
  })
})

test('a returning member with a lower join order does not take the host role', () => {
  const harness = new RoomHarness()
    .join('ann')
    .join('ben')
    .disconnect('ann')
    .wait(6_000)
    .resume('ann')
  expect(harness.room).toMatchObject({ host: 'ben', term: 2 })
  expect(harness.lastReceivedBy('ann')).toMatchObject({
    type: 'welcome',
    host: 'ben',
    resumed: true,
  })
})

test('without another eligible member the host becomes null, until the old host returns', () => {
  const harness = new RoomHarness()
    .join('ann')
    .join('ben', { canHost: false })
    .disconnect('ann')
    .wait(5_000)
  harness.send(null, { type: 'tick' })
  expect(harness.room).toMatchObject({ host: null, term: 2 })
  harness.resume('ann')
  expect(harness.lastReceivedBy('ben')).toMatchObject({
    type: 'host',
    host: 'ann',
    reason: 'eligible',
    term: 3,
  })
})

test('a member that does not return within its grace period is removed', () => {
  const harness = new RoomHarness().join('ann').join('ben').disconnect('ben').wait(10_000)
  harness.send(null, { type: 'tick' })
  expect(harness.lastReceivedBy('ann')).toMatchObject({
    type: 'peer-left',
    id: 'ben',
    reason: 'timeout',
  })
  harness.resume('ben')
  expect(harness.lastReceivedBy('ben')).toMatchObject({ type: 'error', code: 'resume-rejected' })
})

test('a resume within the grace period keeps id, join order, role and term', () => {
  const harness = new RoomHarness()
    .join('ann')
    .join('ben')
    .disconnect('ann')
    .wait(3_000)
    .resume('ann')
  expect(harness.lastReceivedBy('ann')).toMatchObject({
    type: 'welcome',
    resumed: true,
    self: { id: 'ann', joinOrder: 0 },
    host: 'ann',
    term: 1,
  })
  const received = harness.receivedBy('ben').map(({ type }) => type)
  expect(received).not.toContain('peer-left')
  expect(received).not.toContain('host')
})

test('the newest connection of a member wins, and the older one is closed', () => {
  const harness = new RoomHarness().join('ann')
  const older = harness.connectionOf('ann')
  harness.resume('ann')
  expect(harness.effects).toContainEqual({ type: 'close', connection: older, code: 4502 })
})

test('a resume that makes the host ineligible ends its role at once', () => {
  const harness = new RoomHarness().join('ann').join('ben').resume('ann', { canHost: false })
  expect(harness.lastReceivedBy('ben')).toMatchObject({
    type: 'host',
    host: 'ben',
    reason: 'ineligible',
  })
})

test('a token is accepted until a later one of the same member is presented', () => {
  const harness = new RoomHarness().join('ann').join('ben')
  const oldest = harness.claimsOf('ben')
  // None of the welcomes arrives, so the member presents the same token again.
  for (let times = 0; times < 5; times += 1) {
    harness.resume('ben', {}, oldest)
    expect(harness.lastReceivedBy('ben')).toMatchObject({ type: 'welcome', resumed: true })
  }
  harness.resume('ben')
  harness.resume('ben', {}, oldest)
  expect(harness.lastReceivedBy('ben')).toMatchObject({ type: 'error', code: 'resume-rejected' })
})

test('changes of host whose tokens did not arrive do not turn a member away', () => {
  const harness = new RoomHarness().join('ann').join('ben').join('cat')
  const held = harness.claimsOf('cat')
  for (const [from, to] of [
    ['ann', 'ben'],
    ['ben', 'ann'],
    ['ann', 'ben'],
  ] as const) {
    harness.send(from, { type: 'transfer-host', to: peerId(to) })
  }
  harness.disconnect('cat').resume('cat', {}, held)
  expect(harness.lastReceivedBy('cat')).toMatchObject({ type: 'welcome', resumed: true, term: 4 })
})

test('a token of another epoch is rejected', () => {
  const harness = new RoomHarness().join('ann').disconnect('ann')
  harness.resume('ann', {}, { ...harness.claimsOf('ann'), epoch: 1 })
  expect(harness.lastReceivedBy('ann')).toMatchObject({ type: 'error', code: 'resume-rejected' })
})

test('a token of a member that left or was kicked is rejected', () => {
  const harness = new RoomHarness()
    .join('ann')
    .join('ben')
    .join('cat')
    .send('ben', { type: 'leave' })
  harness.send('ann', { type: 'kick', target: peerId('cat'), reason: null })
  for (const name of ['ben', 'cat']) {
    harness.resume(name)
    expect(harness.lastReceivedBy(name)).toMatchObject({ type: 'error', code: 'resume-rejected' })
  }
})

test('a kick closes the connection and is broadcast to the others', () => {
  const harness = new RoomHarness().join('ann').join('ben')
  const connection = harness.connectionOf('ann')
  harness.send('ben', { type: 'kick', target: peerId('ann'), reason: null })
  expect(harness.effects).toContainEqual({ type: 'close', connection, code: 4503 })
  expect(harness.receivedBy('ben').slice(-2)).toMatchObject([
    { type: 'peer-left', id: 'ann', reason: 'kicked' },
    { type: 'host', host: 'ben', reason: 'kicked' },
  ])
})

test('the host can transfer its role to an eligible member', () => {
  const harness = new RoomHarness().join('ann').join('ben')
  harness.send('ann', { type: 'transfer-host', to: peerId('ben') })
  for (const name of ['ann', 'ben']) {
    expect(harness.lastReceivedBy(name)).toMatchObject({
      type: 'host',
      host: 'ben',
      term: 2,
      reason: 'transfer',
    })
  }
})

test.each([
  { what: 'from a member that is not host', from: 'ben', to: 'ann', code: 'not-host' },
  { what: 'to a member that cannot host', from: 'ann', to: 'cat', code: 'not-eligible' },
  { what: 'to an offline member', from: 'ann', to: 'dan', code: 'not-eligible' },
  { what: 'to oneself', from: 'ann', to: 'ann', code: 'not-eligible' },
  { what: 'to an unknown peer', from: 'ann', to: 'eve', code: 'peer-not-found' },
])('a transfer $what changes nothing and gets an error', ({ from, to, code }) => {
  const harness = new RoomHarness().join('ann').join('ben').join('cat', { canHost: false })
  harness.join('dan').disconnect('dan')
  const before = harness.room
  harness.send(from, { type: 'transfer-host', to: peerId(to) })
  expect(harness.room).toBe(before)
  expect(harness.lastReceivedBy(from)).toMatchObject({
    type: 'error',
    code,
    about: 'transfer-host',
  })
})

test('an update without a change has no effects', () => {
  const harness = new RoomHarness().join('ann', { presence: { name: 'Ann' } })
  const before = harness.room
  harness.send('ann', { type: 'update', change: { presence: { name: 'Ann' }, priority: 0 } })
  expect(harness.room).toBe(before)
  expect(harness.effects).toEqual([])
})

test('an update reaches every member, including its sender', () => {
  const harness = new RoomHarness()
    .join('ann')
    .join('ben')
    .send('ben', { type: 'update', change: { priority: 7 } })
  for (const name of ['ann', 'ben']) {
    expect(harness.lastReceivedBy(name)).toMatchObject({
      type: 'peer-updated',
      peer: { id: 'ben', priority: 7 },
    })
  }
})

test('a full room rejects a join, and accepts it when a member has left', () => {
  const harness = new RoomHarness()
  for (const name of ['a', 'b', 'c', 'd']) harness.join(name)
  harness.join('e')
  expect(harness.lastReceivedBy('e')).toMatchObject({
    type: 'error',
    code: 'room-full',
    retryable: true,
  })
  harness.send('d', { type: 'leave' }).join('e')
  expect(harness.lastReceivedBy('e')).toMatchObject({ type: 'welcome' })
})

test('a signal goes only to another member that is online', () => {
  const harness = new RoomHarness().join('ann').join('ben').join('cat').disconnect('cat')
  const from = peerId('ann')
  const connection = harness.connectionOf('ann')
  const to = (name: string) => route(harness.room, { connection, from, to: peerId(name) })
  expect(to('ben')).toEqual({ type: 'deliver', to: harness.connectionOf('ben') })
  expect(to('cat')).toEqual({ type: 'error', code: 'peer-unreachable' })
  expect(to('eve')).toEqual({ type: 'error', code: 'peer-not-found' })
  expect(to('ann')).toEqual({ type: 'error', code: 'peer-not-found' })
  const stale = { connection: connectionId('old'), from, to: peerId('ben') }
  expect(route(harness.room, stale)).toEqual({ type: 'error', code: 'not-joined' })
})

test('every member gets a fresh token before the message about a new host', () => {
  const harness = new RoomHarness()
    .join('ann')
    .join('ben')
    .join('cat')
    .send('ann', { type: 'leave' })
  const kinds = harness.effects.map(({ type }) => type)
  expect(kinds).toEqual(['resume', 'resume', 'send', 'send'])
  expect(harness.claimsOf('cat')).toMatchObject({ host: 'ben', term: 2, tokenSerial: 1 })
})

test('tokens are renewed when they are old', () => {
  const harness = new RoomHarness().join('ann')
  expect(deadline(harness.room)).toBe(harness.now + 1_000_000)
  harness.wait(1_000_000).send(null, { type: 'tick' })
  expect(harness.claimsOf('ann').tokenSerial).toBe(1)
})

test('a token that counts too few members is reissued with the same serial number', () => {
  const harness = new RoomHarness().join('ann')
  expect(harness.claimsOf('ann')).toMatchObject({ tokenSerial: 0, online: 1 })
  harness.join('ben')
  expect(harness.claimsOf('ann')).toMatchObject({ tokenSerial: 0, online: 2 })
})

test('the last member leaves an empty room, and the next join starts a later epoch', () => {
  const harness = new RoomHarness().join('ann').send('ann', { type: 'leave' })
  expect(isEmpty(harness.room)).toBe(true)
  expect(deadline(harness.room)).toBeNull()
  const { epoch } = harness.room
  harness.join('ben')
  expect(harness.room.epoch).toBeGreaterThan(epoch)
  expect(harness.lastReceivedBy('ben')).toMatchObject({ host: 'ben', term: 1 })
})

test('ids that are property names of every object are ordinary ids', () => {
  const harness = new RoomHarness().join('__proto__').join('constructor')
  const survived: Room = JSON.parse(JSON.stringify(harness.room))
  expect(survived).toEqual(harness.room)
  expect(survived.members.map(({ id }) => id)).toEqual(['__proto__', 'constructor'])
})

test('everything that is due happens before the input, even if no tick came', () => {
  const harness = new RoomHarness().join('ann').join('ben').disconnect('ann').wait(10_000)
  const input: RoomInput = {
    type: 'update',
    connection: harness.connectionOf('ben'),
    id: peerId('ben'),
    change: { priority: 3 },
  }
  const [late] = step(harness.room, input, harness.now)
  const [ticked] = step(harness.room, { type: 'tick' }, harness.now)
  expect(step(ticked, input, harness.now)[0]).toEqual(late)
})

test('a new room is empty', () => {
  expect(isEmpty(createRoom(new RoomHarness().options))).toBe(true)
})
