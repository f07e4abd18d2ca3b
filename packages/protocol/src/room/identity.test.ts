import { expect, test } from 'vitest'
import { Table } from './table.fixture.ts'

const once = { sub: 'u-7', isSingle: true }

test('where there may be one of a sub, the newest takes the place of the others', () => {
  const table = new Table().identify('ann', once).identify('cat', once)
  table.join('ann').join('ben')
  const connection = table.connectionOf('ann')
  table.join('cat')
  expect(table.room.members.map(({ id }) => id)).toEqual(['ben', 'cat'])
  expect(table.heardBy('ben').slice(-3)).toMatchObject([
    { type: 'peer-left', id: 'ann', reason: 'left' },
    { type: 'host', host: 'ben', reason: 'left' },
    { type: 'peer-joined', peer: { id: 'cat' } },
  ])
  expect(table.effects).toContainEqual({ type: 'close', connection, code: 4502 })
})

test('the newest gets in where the one it replaces filled the room, and hosts where it was alone', () => {
  const table = new Table({ policy: { ...new Table().options.policy, maxMembers: 1 } })
  table.identify('ann', once).identify('ben', once).join('ann').wait(5).lose('ann').join('ben')
  expect(table.lastFor('ben')).toMatchObject({ type: 'welcome', host: 'ben', peers: [] })
  table.resume('ann')
  expect(table.lastFor('ann')).toMatchObject({ type: 'error', code: 'resume-rejected' })
})

test('of one sub there may be several where nobody asks otherwise', () => {
  const several = { sub: 'u-7', isSingle: false }
  const table = new Table().identify('ann', several).identify('ben', several)
  table.join('ann').join('ben')
  expect(table.room.members).toHaveLength(2)
  table.identify('ben', once).resume('ben')
  expect(table.room.members.map(({ id }) => id)).toEqual(['ben'])
})

test('nobody is told the sub of another', () => {
  const table = new Table().identify('ann', once).join('ann').join('ben').resume('ann')
  for (const name of ['ann', 'ben']) {
    expect(JSON.stringify(table.heardBy(name))).not.toContain('u-7')
  }
})

test('a resume token is of use to its owner alone', () => {
  const table = new Table().identify('ann', once).join('ann').join('ben').lose('ann')
  const { room } = table
  for (const [name, identity] of [
    ['eve', { sub: 'u-8', isSingle: true }],
    ['dan', null],
  ] as const) {
    if (identity !== null) table.identify(name, identity)
    table.resume(name, {}, table.claimsOf('ann'))
    expect(table.lastFor(name)).toMatchObject({ type: 'error', code: 'resume-rejected' })
    expect(table.room).toBe(room)
  }
  table.resume('ann')
  expect(table.lastFor('ann')).toMatchObject({ type: 'welcome', resumed: true })
})
