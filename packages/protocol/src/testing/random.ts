/** A stream of numbers in [0, 1) that a seed determines: a seed is a whole run. */
export type Random = () => number

/** mulberry32: small, and good enough to choose test inputs by. */
export const seededRandom = (seed: number): Random => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** An integer from 0 up to, not including, `below`. */
export const randomBelow = (random: Random, below: number): number => Math.floor(random() * below)

/** One of several; throws when there is none. */
export const pick = <Value>(random: Random, values: readonly Value[]): Value => {
  const value = values[randomBelow(random, values.length)]
  if (value === undefined) throw new Error('There is nothing to pick from.')
  return value
}
