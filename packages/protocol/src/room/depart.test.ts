import { expect, test } from 'vitest'
import { peerId } from '../ids.ts'
import { Table } from './table.fixture.ts'

test('nobody kicks a stranger, or itself', () => {
  const table = new Table().join('ann')
  const { room } = table
  for (const target of ['ann', 'eve'].map(peerId)) {
    table.send('ann', { type: 'kick', target, reason: null })
    expect(table.lastFor('ann')).toMatchObject({ code: 'peer-not-found', about: 'kick' })
  }
  expect(table.room).toBe(room)
})

test('who is kicked is told why, in the words of the one who did it', () => {
  const table = new Table().join('ann').join('ben')
  const connection = table.connectionOf('ben')
  table.send('ann', { type: 'kick', target: peerId('ben'), reason: 'spam' })
  expect(table.effects.at(-1)).toEqual({ type: 'close', connection, code: 4503, reason: 'spam' })
})
