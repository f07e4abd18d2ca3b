import { expect, test } from 'vitest'
import { allPairs } from '../run/run-matrix.ts'
import { sidesOf } from './row.ts'
import { rows } from './rows.ts'

const faults = rows.filter((row) => row.type === 'fault')

test('each row has a name and a title of its own', () => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
  expect(new Set(rows.map(({ title }) => title)).size).toBe(rows.length)
})

test('the matrix has each ordered pair of routers once', () => {
  const names = allPairs.map((pair) => pair.join(' × '))
  expect(new Set(names).size).toBe(25)
  expect(names.slice(0, 2)).toEqual(['fullcone × fullcone', 'fullcone × address'])
})

test.for(faults)('$name: its steps are in order, on sides that it has', (row) => {
  const times = row.steps.map(({ atS }) => atS)
  expect(times).toEqual(times.toSorted((one, other) => one - other))
  const touched = row.steps.flatMap((step) => ('side' in step ? [step.side] : []))
  expect(touched.filter((side) => !sidesOf(row).includes(side))).toEqual([])
})

test.for(faults)('$name: the path comes back exactly if it is to heal', ({ steps, expects }) => {
  expect(steps.some(({ marks }) => marks === 'back')).toBe(expects === 'heal')
})

test.for(faults)('$name: only rows with cables degrade one', ({ steps, needs = [] }) => {
  const degrades = steps.some((step) => step.do === 'degrade')
  expect(needs.includes('cables')).toBe(degrades)
})
