import { expect, test } from 'vitest'
import { withTables } from './document.ts'
import { describeMachine } from './machine.ts'

const machine = { ...describeMachine('Node v1'), date: '2026-11-23T08:00:00.000Z', load: 0.5 }

const measured = [
  {
    scenario: {
      name: 'speed',
      about: 'how fast',
      contestants: ['skein'],
      figures: { speed: { label: 'MiB/s', digits: 1 } },
    },
    samples: [
      { scenario: 'speed', contestant: 'skein', round: 0, figures: { speed: 7 }, note: null },
    ],
  },
]

test('only the sections of the scenarios that ran are replaced', () => {
  const before = 'A\n<!-- speed -->\nold\n<!-- /speed -->\nB\n<!-- size -->\nkept\n<!-- /size -->\n'
  const after = withTables(before, { measured, machine })
  expect(after).toMatch(/^A\n<!-- speed -->\nHow fast\.\n\n\|/)
  expect(after).toContain('| skein | 7.0 (7.0–7.0) | 0      |')
  expect(after).toMatch(/\n2026-11-23, Node v1, .*, load 0\.5, rounds: 1\.\n<!-- \/speed -->\nB\n/)
  expect(after).toMatch(/B\n<!-- size -->\nkept\n<!-- \/size -->\n$/)
  expect(after).not.toContain('old')
  expect(withTables(after, { measured, machine })).toBe(after)
})

test('a scenario without a section in the document is an error', () => {
  expect(() => withTables('nothing here', { measured, machine })).toThrow('no section for speed')
})
