import { expect, test } from 'vitest'
import { connectionId, peerId } from '../ids.ts'
import { createRoom, deadline, isEmpty, type Room, type RoomInput, route, step } from './index.ts'
import { Table } from './table.fixture.ts'

test('the first one in is host of term 1, and its welcome says so', () => {
  const table = new Table().join('ann')
  expect(table.lastFor('ann')).toMatchObject({ type: 'welcome', host: 'ann', term: 1, peers: [] })
})

test('a newcomer sees the others in its welcome, and they see it join', () => {
  const table = new Table().join('ann').join('ben')
  expect(table.lastFor('ben')).toMatchObject({ type: 'welcome', peers: [{ id: 'ann' }] })
  expect(table.lastFor('ann')).toMatchObject({ type: 'peer-joined', peer: { id: 'ben' } })
})

test('a better newcomer does not take the host seat', () => {
  const table = new Table().join('ann').join('ben', { priority: 100 })
  expect(table.room).toMatchObject({ host: 'ann', term: 1 })
})

test('a room without anyone who can host has no host until someone can', () => {
  const table = new Table().join('ann', { canHost: false })
  expect(table.room.host).toBeNull()
  table.send('ann', { type: 'update', change: { canHost: true } })
  expect(table.lastFor('ann')).toMatchObject({ type: 'host', host: 'ann', reason: 'eligible' })
})

test('a goodbye of the host counts at once', () => {
  const table = new Table().join('ann').join('ben').send('ann', { type: 'leave' })
  expect(table.heardBy('ben').slice(-2)).toMatchObject([
    { type: 'peer-left', id: 'ann', reason: 'left' },
    { type: 'host', host: 'ben', previous: 'ann', term: 2, reason: 'left' },
  ])
})

test('a lost host keeps its role until the host grace ends', () => {
  const table = new Table().join('ann').join('ben').lose('ann')
  expect(table.lastFor('ben')).toMatchObject({ type: 'peer-updated', peer: { online: false } })
  table.wait(4_999).send(null, { type: 'tick' })
  expect(table.room.host).toBe('ann')
  table.wait(1).send(null, { type: 'tick' })
  expect(table.lastFor('ben')).toMatchObject({ type: 'host', host: 'ben', reason: 'timeout' })
})

test('an elder who returns does not take the host seat', () => {
  const table = new Table().join('ann').join('ben').lose('ann').wait(6_000).resume('ann')
  expect(table.room).toMatchObject({ host: 'ben', term: 2 })
  expect(table.lastFor('ann')).toMatchObject({ type: 'welcome', host: 'ben', resumed: true })
})

test('without anyone else eligible the host becomes null, and is host anew when it is back', () => {
  const table = new Table().join('ann').join('ben', { canHost: false }).lose('ann').wait(5_000)
  table.send(null, { type: 'tick' })
  expect(table.room).toMatchObject({ host: null, term: 2 })
  table.resume('ann')
  expect(table.lastFor('ben')).toMatchObject({
    type: 'host',
    host: 'ann',
    reason: 'eligible',
    term: 3,
  })
})

test('who does not come back in its grace is no longer a member', () => {
  const table = new Table().join('ann').join('ben').lose('ben').wait(10_000)
  table.send(null, { type: 'tick' })
  expect(table.lastFor('ann')).toMatchObject({ type: 'peer-left', id: 'ben', reason: 'timeout' })
  table.resume('ben')
  expect(table.lastFor('ben')).toMatchObject({ type: 'error', code: 'resume-rejected' })
})

test('a resume inside the grace keeps id, place, role and term', () => {
  const table = new Table().join('ann').join('ben').lose('ann').wait(3_000).resume('ann')
  expect(table.lastFor('ann')).toMatchObject({
    type: 'welcome',
    resumed: true,
    self: { id: 'ann', joinOrder: 0 },
    host: 'ann',
    term: 1,
  })
  const heard = table.heardBy('ben').map(({ type }) => type)
  expect(heard).not.toContain('peer-left')
  expect(heard).not.toContain('host')
})

test('the newest connection of a member wins, and the older is closed', () => {
  const table = new Table().join('ann')
  const older = table.connectionOf('ann')
  table.resume('ann')
  expect(table.effects).toContainEqual({ type: 'close', connection: older, code: 4502 })
})

test('a resume that makes the host ineligible takes its role at once', () => {
  const table = new Table().join('ann').join('ben').resume('ann', { canHost: false })
  expect(table.lastFor('ben')).toMatchObject({ type: 'host', host: 'ben', reason: 'ineligible' })
})

test('the last token and the one before are accepted, older ones are not', () => {
  const table = new Table().join('ann').join('ben')
  const oldest = table.claimsOf('ben')
  table.resume('ben')
  table.resume('ben', {}, oldest)
  expect(table.lastFor('ben')).toMatchObject({ type: 'welcome', resumed: true })
  table.resume('ben', {}, oldest)
  expect(table.lastFor('ben')).toMatchObject({ type: 'error', code: 'resume-rejected' })
})

test('a token of another epoch is rejected', () => {
  const table = new Table().join('ann').lose('ann')
  table.resume('ann', {}, { ...table.claimsOf('ann'), epoch: 1 })
  expect(table.lastFor('ann')).toMatchObject({ type: 'error', code: 'resume-rejected' })
})

test('a token of a member that left or was kicked is rejected', () => {
  const table = new Table().join('ann').join('ben').join('cat').send('ben', { type: 'leave' })
  table.send('ann', { type: 'kick', target: peerId('cat'), reason: null })
  for (const name of ['ben', 'cat']) {
    table.resume(name)
    expect(table.lastFor(name)).toMatchObject({ type: 'error', code: 'resume-rejected' })
  }
})

test('a kick closes the connection and tells the others', () => {
  const table = new Table().join('ann').join('ben')
  const connection = table.connectionOf('ann')
  table.send('ben', { type: 'kick', target: peerId('ann'), reason: null })
  expect(table.effects).toContainEqual({ type: 'close', connection, code: 4503 })
  expect(table.heardBy('ben').slice(-2)).toMatchObject([
    { type: 'peer-left', id: 'ann', reason: 'kicked' },
    { type: 'host', host: 'ben', reason: 'kicked' },
  ])
})

test('the host gives its role to a member that can take it', () => {
  const table = new Table().join('ann').join('ben')
  table.send('ann', { type: 'transfer-host', to: peerId('ben') })
  for (const name of ['ann', 'ben']) {
    expect(table.lastFor(name)).toMatchObject({
      type: 'host',
      host: 'ben',
      term: 2,
      reason: 'transfer',
    })
  }
})

test.each([
  { what: 'from one who is not host', from: 'ben', to: 'ann', code: 'not-host' },
  { what: 'to one who does not want it', from: 'ann', to: 'cat', code: 'not-eligible' },
  { what: 'to one who is away', from: 'ann', to: 'dan', code: 'not-eligible' },
  { what: 'to oneself', from: 'ann', to: 'ann', code: 'not-eligible' },
  { what: 'to nobody', from: 'ann', to: 'eve', code: 'peer-not-found' },
])('a transfer $what changes nothing and is answered', ({ from, to, code }) => {
  const table = new Table().join('ann').join('ben').join('cat', { canHost: false })
  table.join('dan').lose('dan')
  const before = table.room
  table.send(from, { type: 'transfer-host', to: peerId(to) })
  expect(table.room).toBe(before)
  expect(table.lastFor(from)).toMatchObject({ type: 'error', code, about: 'transfer-host' })
})

test('an update that changes nothing is no step', () => {
  const table = new Table().join('ann', { presence: { name: 'Ann' } })
  const before = table.room
  table.send('ann', { type: 'update', change: { presence: { name: 'Ann' }, priority: 0 } })
  expect(table.room).toBe(before)
  expect(table.effects).toEqual([])
})

test('an update reaches everyone, its sender too', () => {
  const table = new Table()
    .join('ann')
    .join('ben')
    .send('ben', { type: 'update', change: { priority: 7 } })
  for (const name of ['ann', 'ben']) {
    expect(table.lastFor(name)).toMatchObject({
      type: 'peer-updated',
      peer: { id: 'ben', priority: 7 },
    })
  }
})

test('a full room refuses, and takes one in when a seat is free', () => {
  const table = new Table()
  for (const name of ['a', 'b', 'c', 'd']) table.join(name)
  table.join('e')
  expect(table.lastFor('e')).toMatchObject({ type: 'error', code: 'room-full', retryable: true })
  table.send('d', { type: 'leave' }).join('e')
  expect(table.lastFor('e')).toMatchObject({ type: 'welcome' })
})

test('a signal goes to a member that is online, and nowhere else', () => {
  const table = new Table().join('ann').join('ben').join('cat').lose('cat')
  const from = peerId('ann')
  const connection = table.connectionOf('ann')
  const to = (name: string) => route(table.room, { connection, from, to: peerId(name) })
  expect(to('ben')).toEqual({ type: 'deliver', to: table.connectionOf('ben') })
  expect(to('cat')).toEqual({ type: 'error', code: 'peer-unreachable' })
  expect(to('eve')).toEqual({ type: 'error', code: 'peer-not-found' })
  expect(to('ann')).toEqual({ type: 'error', code: 'peer-not-found' })
  const stale = { connection: connectionId('old'), from, to: peerId('ben') }
  expect(route(table.room, stale)).toEqual({ type: 'error', code: 'not-joined' })
})

test('every member gets a fresh token after a change of host, before it hears of it', () => {
  const table = new Table().join('ann').join('ben').join('cat').send('ann', { type: 'leave' })
  const kinds = table.effects.map(({ type }) => type)
  expect(kinds).toEqual(['resume', 'resume', 'send', 'send'])
  expect(table.claimsOf('cat')).toMatchObject({ host: 'ben', term: 2, tokenSerial: 1 })
})

test('tokens are renewed when they are old', () => {
  const table = new Table().join('ann')
  expect(deadline(table.room)).toBe(table.now + 1_000_000)
  table.wait(1_000_000).send(null, { type: 'tick' })
  expect(table.claimsOf('ann').tokenSerial).toBe(1)
})

test('a token that counts too few is written anew under its old serial number', () => {
  const table = new Table().join('ann')
  expect(table.claimsOf('ann')).toMatchObject({ tokenSerial: 0, online: 1 })
  table.join('ben')
  expect(table.claimsOf('ann')).toMatchObject({ tokenSerial: 0, online: 2 })
})

test('the last one out leaves an empty room, and who comes then opens a later epoch', () => {
  const table = new Table().join('ann').send('ann', { type: 'leave' })
  expect(isEmpty(table.room)).toBe(true)
  expect(deadline(table.room)).toBeNull()
  const { epoch } = table.room
  table.join('ben')
  expect(table.room.epoch).toBeGreaterThan(epoch)
  expect(table.lastFor('ben')).toMatchObject({ host: 'ben', term: 1 })
})

test('names that every object has are members like others', () => {
  const table = new Table().join('__proto__').join('constructor')
  const survived: Room = JSON.parse(JSON.stringify(table.room))
  expect(survived).toEqual(table.room)
  expect(survived.members.map(({ id }) => id)).toEqual(['__proto__', 'constructor'])
})

test('a late tick does not matter: what is due happens before the input', () => {
  const table = new Table().join('ann').join('ben').lose('ann').wait(10_000)
  const input: RoomInput = {
    type: 'update',
    connection: table.connectionOf('ben'),
    id: peerId('ben'),
    change: { priority: 3 },
  }
  const [late] = step(table.room, input, table.now)
  const [ticked] = step(table.room, { type: 'tick' }, table.now)
  expect(step(ticked, input, table.now)[0]).toEqual(late)
})

test('a room that nobody has entered is empty', () => {
  expect(isEmpty(createRoom(new Table().options))).toBe(true)
})
