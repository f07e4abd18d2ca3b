import { expect, test } from 'vitest'
import { between, crownHeight, hasSamePeers, layOut } from './graph-layout.ts'

const phone = { width: 336, height: 240 }
const laptop = { width: 720, height: 640 }
const landscape = { width: 400, height: 220 }
const huge = { width: 1024, height: 1200 }
const lineHeight = 20

const names = (count: number) => Array.from({ length: count }, (_, index) => `peer ${index}`)

const inside = (space: typeof phone, count: number) =>
  layOut({ ids: names(count), self: 'peer 1', space, lineHeight, longest: 100 })

test('every peer has its own place, with the own peer at the bottom', () => {
  const { places } = inside(laptop, 5)
  const seen = new Set(Object.values(places).map(({ x, y }) => `${x.toFixed(3)} ${y.toFixed(3)}`))
  expect(seen.size).toBe(5)
  const lowest = names(5).toSorted((a, b) => (places[b]?.y ?? 0) - (places[a]?.y ?? 0))[0]
  expect(lowest).toBe('peer 1')
})

test('a peer alone in the room is in the middle', () => {
  const { places, centre } = layOut({
    ids: ['a'],
    self: 'a',
    space: phone,
    lineHeight,
    longest: 40,
  })
  expect(places.a).toEqual(centre)
  expect(centre.x).toBe(0)
})

for (const [name, space] of Object.entries({ phone, laptop, landscape, huge })) {
  for (const count of [2, 3, 8, 16]) {
    test(`${count} discs with crowns and labels fit in the space of a ${name}, and none overlap`, () => {
      const { places, radius } = inside(space, count)
      const points = Object.values(places)
      for (const { x, y } of points) {
        expect(Math.abs(x) + radius).toBeLessThanOrEqual(space.width / 2)
        expect(y - radius - crownHeight(radius) - lineHeight).toBeGreaterThanOrEqual(
          -space.height / 2,
        )
        expect(y + radius + lineHeight).toBeLessThanOrEqual(space.height / 2)
      }
      const distances = points.flatMap((one, index) =>
        points.slice(index + 1).map((other) => Math.hypot(one.x - other.x, one.y - other.y)),
      )
      expect(Math.min(...distances)).toBeGreaterThan(2 * radius)
    })
  }
}

test('in a larger space the discs are larger and lie further apart', () => {
  const [small, large] = [inside(phone, 3), inside(huge, 3)]
  expect(large.radius).toBeGreaterThan(1.5 * small.radius)
  expect(large.places['peer 1']?.y).toBeGreaterThan(2 * (small.places['peer 1']?.y ?? 0))
})

test('before it is measured the space is empty, and nothing is `NaN`', () => {
  const { places, radius } = inside({ width: 0, height: 0 }, 3)
  const numbers = Object.values(places).flatMap(({ x, y }) => [x, y])
  for (const number of [radius, ...numbers]) expect(number).not.toBeNaN()
})

test('a transition ends at the new layout, and a new peer starts at its final place', () => {
  const to = inside(laptop, 3).places
  const transition = between(inside(laptop, 2).places, to)
  expect(transition(1)).toEqual(to)
  expect(transition(0)['peer 2']).toEqual(to['peer 2'])
})

test('another size of the window changes places, not peers', () => {
  const { places } = inside(laptop, 3)
  expect(hasSamePeers(places, inside(phone, 3).places)).toBe(true)
  expect(hasSamePeers(places, inside(laptop, 4).places)).toBe(false)
})
