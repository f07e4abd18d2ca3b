/** Returns the next pseudo-random number in [0, 1). */
export type Random = () => number

/** A mulberry32 generator, good enough for test inputs. Equal seeds give equal numbers. */
export const seededRandom = (seed: number): Random => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** An integer from 0 to `below` − 1. */
export const randomBelow = (random: Random, below: number): number => Math.floor(random() * below)

/** Picks one of the values; throws if there are none. */
export const pick = <Value>(random: Random, values: readonly Value[]): Value => {
  const value = values[randomBelow(random, values.length)]
  if (value === undefined) throw new Error('There is nothing to pick from.')
  return value
}
