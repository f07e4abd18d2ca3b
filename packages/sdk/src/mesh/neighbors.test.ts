import { type PeerId, peerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { detourFor, type Trouble } from './detour.ts'
import * as limits from './limits.ts'
import { Neighbors } from './neighbors.ts'

/** A new one each time; `SKEIN_SEED=7` repeats a run. */
const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 1e9)

const [ben, cat, dan] = ['ben', 'cat', 'dan'].map(peerId) as [PeerId, PeerId, PeerId]

const neighbors = (reached: Set<PeerId>) => {
  const sent: unknown[] = []
  const tested = new Neighbors({
    post: { message: (to, data) => sent.push([to, ...data]) > 0, frame: () => false },
    peers: () => [ben, cat, dan],
    isReached: (peer) => reached.has(peer),
    rttMs: () => 10,
    load: () => 0,
  })
  return { tested, sent }
}

test('what is sought is told to each neighbor once, and to those that come later', () => {
  const reached = new Set([cat])
  const { tested, sent } = neighbors(reached)
  tested.seek([ben])
  tested.seek([ben])
  tested.changed()
  expect(sent).toEqual([[cat, 'seek', [ben]]])
  reached.add(dan)
  tested.changed()
  expect(sent.at(-1)).toEqual([dan, 'seek', [ben]])
  tested.seek([])
  expect(sent.slice(-2)).toEqual([
    [cat, 'seek', []],
    [dan, 'seek', []],
  ])
})

test('the nearest neighbor with the fewest pairs is first; those that are not reached do not count', () => {
  const reached = new Set([cat, dan])
  const { tested } = neighbors(reached)
  tested.seek([ben])
  expect(tested.onReach(cat, [[ben, 5, 3]])).toEqual([ben])
  expect(tested.onReach(dan, [[ben, 50, 0]])).toEqual([])
  expect(tested.reaching(ben).map(({ id }) => id)).toEqual([dan, cat])
  reached.delete(dan)
  expect(tested.reaching(ben)).toMatchObject([{ id: cat, canRelay: true }])
  tested.onReach(cat, [[ben, 5, null]])
  expect(tested.reaching(ben)).toMatchObject([{ id: cat, canRelay: false }])
  tested.onReach(cat, [])
  expect(tested.reaching(ben)).toEqual([])
})

test('who asks is told whom this side reaches, and again when that changes', () => {
  const reached = new Set([ben, dan])
  const { tested, sent } = neighbors(reached)
  tested.onSeek(dan, [ben, cat, dan])
  expect(sent).toEqual([[dan, 'reach', [[ben, 10, 0]]]])
  reached.add(cat)
  tested.changed()
  tested.changed()
  const both = [ben, cat].map((id) => [id, 10, 0])
  expect(sent.slice(1)).toEqual([[dan, 'reach', both]])
  tested.onSeek(dan, [])
  reached.delete(cat)
  tested.changed()
  expect(sent).toHaveLength(2)
})

test.each([
  [null],
  [7],
  ['text'],
  [[null, 7, [], [ben], [ben, -1, 0], [ben, 1, 'x'], [cat, 1, 0]]],
])('a malformed list %j is ignored', (list) => {
  const { tested } = neighbors(new Set([cat, dan]))
  tested.seek([ben])
  tested.onReach(dan, list)
  tested.onSeek(dan, list)
  expect(tested.reaching(ben)).toEqual([])
})

test('whatever a link has gone through: help is asked for in trouble only, and nothing is undone by time', () => {
  const random = seededRandom(seed)
  console.log(`detours: SKEIN_SEED=${seed}`)
  const flip = () => random() < 0.5
  for (let run = 0; run < 5_000; run += 1) {
    const brokenSince = flip() ? Math.floor(random() * 10_000) : null
    const trouble: Omit<Trouble, 'now'> = {
      brokenSince,
      isVia: flip(),
      wasOpen: flip(),
      isPolite: flip(),
      isCutOff: flip(),
      answeredAt: flip() ? Math.floor(random() * 10_000) : null,
      hasLostVia: flip(),
    }
    const at = (now: number) => detourFor({ ...trouble, now })
    const start = brokenSince ?? 0
    const [early, late] = [at(start + 10), at(start + limits.firstViaMs + limits.impoliteMs)]
    expect(late.isViaDue, `SKEIN_SEED=${seed}`).toBe(brokenSince !== null)
    expect(late.isSought).toBe(brokenSince !== null || trouble.isVia)
    for (const name of ['isSought', 'isCarried', 'isViaDue'] as const) {
      expect(!early[name] || late[name]).toBe(true)
    }
  }
})
