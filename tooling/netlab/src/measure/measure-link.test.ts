import { expect, test } from 'vitest'
import type { LinkLog } from '../../page/member-log.ts'
import { type FaultTimes, measureSide } from './measure-link.ts'

const empty: LinkLog = { received: [], sent: 0, refused: [], pending: [], states: [], paths: [] }
const log = (part: Partial<LinkLog>): LinkLog => ({ ...empty, ...part })

const times = (part: Partial<FaultTimes>): FaultTimes => ({
  faultAt: 1_000,
  backAt: 5_000,
  serverBackAt: null,
  endAt: 9_000,
  ...part,
})

/** Numbers from 1 on, each of which takes 5 ms. */
const arriving = (...at: readonly number[]): LinkLog['received'] =>
  at.map((arrivedAt, index) => [index + 1, arrivedAt - 5, arrivedAt])

test('healing ends with a number that was sent since the return, less than 0.4 s before', () => {
  const received = [
    [1, 900, 905],
    [2, 1_100, 5_100],
    [9, 4_900, 5_200],
    [3, 5_601, 6_001],
    [4, 5_700, 6_090],
    [5, 6_100, 6_105],
  ] as const
  expect(measureSide({ own: log({ received }), peer: empty }, times({})).healMs).toBe(1_090)
})

test('a link that no fresh number reaches never heals', () => {
  const own = log({ received: [[1, 1_100, 6_000]] })
  const figures = measureSide({ own, peer: empty }, times({ serverBackAt: 5_500 }))
  expect([figures.healMs, figures.healAfterServerMs]).toEqual([null, null])
})

test('numbers that arrived before the return do not count as healing', () => {
  const own = log({ received: arriving(4_999, 5_400) })
  expect(measureSide({ own, peer: empty }, times({})).healMs).toBe(400)
})

test('from the return of the server, healing takes no time if the link healed before', () => {
  const own = log({ received: arriving(5_105, 8_000) })
  const after = (serverBackAt: number): number | null =>
    measureSide({ own, peer: empty }, times({ serverBackAt })).healAfterServerMs
  expect([after(5_040), after(7_000)]).toEqual([65, 0])
})

test('silence is the longest time without a number, up to the end of the log', () => {
  const silence = (...at: readonly number[]): number =>
    measureSide({ own: log({ received: arriving(...at) }), peer: empty }, times({})).silenceMs
  expect(silence(980, 1_030, 4_030, 8_900)).toBe(4_870)
  expect(silence(980, 1_030, 2_030)).toBe(6_970)
  expect(silence(100, 980, 8_990)).toBe(8_010)
})

test('`open` in silence ends when the link says something else', () => {
  const own = log({
    received: arriving(950, 6_000),
    states: [
      [100, 'open', 'direct'],
      [3_000, 'repairing', null],
      [5_500, 'open', 'relay'],
    ],
  })
  const figures = measureSide({ own, peer: empty }, times({ endAt: 6_100 }))
  expect(figures.openInSilenceMs).toBe(2_050 + 500)
  expect(figures.states).toEqual(['repairing@2.0', 'relay@4.5'])
})

test('changes of the round-trip time are no new state', () => {
  const own = log({
    states: [
      [100, 'open', 'direct'],
      [2_000, 'open', 'direct'],
      [3_000, 'repairing', null],
      [4_000, 'repairing', null],
    ],
  })
  expect(measureSide({ own, peer: empty }, times({})).states).toEqual(['repairing@2.0'])
})

test('a number is lost if a later one arrived, and neither refused nor waiting', () => {
  const own = log({
    received: [
      [1, 990, 995],
      [6, 5_000, 5_100],
    ],
  })
  const peer = log({ sent: 6, refused: [[2, 2_000, 'peer-unreachable']], pending: [3] })
  const { lost } = measureSide({ own, peer }, times({}))
  expect(lost).toBe(2)
})

test('what comes after the last arrival is lost in a link that healed, not in a broken one', () => {
  const peer = log({ sent: 3 })
  const healed = log({ received: [[1, 5_000, 5_100]] })
  const broken = log({ received: [[1, 990, 995]] })
  expect(measureSide({ own: healed, peer }, times({})).lost).toBe(2)
  expect(measureSide({ own: broken, peer }, times({})).lost).toBe(0)
})

test('doubled numbers and those out of order are counted', () => {
  const numbers = [1, 2, 2, 4, 3, 5]
  const own = log({ received: numbers.map((number) => [number, 5_000, 5_001]) })
  const { doubled, disordered, lost } = measureSide({ own, peer: log({ sent: 5 }) }, times({}))
  expect({ doubled, disordered, lost }).toEqual({ doubled: 1, disordered: 1, lost: 0 })
})

test('only refusals since the fault count', () => {
  const own = log({
    refused: [
      [1, 900, 'timeout'],
      [2, 1_500, 'peer-unreachable'],
    ],
  })
  expect(measureSide({ own, peer: empty }, times({})).refused).toBe(1)
})

test('a path is wrong while the link names one and getStats shows another', () => {
  const own = log({
    paths: [
      [900, 'relay', 'direct'],
      [1_500, 'direct', 'relay'],
      [2_000, 'direct', 'relay'],
      [2_500, null, 'relay'],
      [3_000, 'direct', 'relay'],
      [3_500, 'relay', 'relay'],
    ],
  })
  expect(measureSide({ own, peer: empty }, times({})).wrongPathMs).toBe(500)
})
