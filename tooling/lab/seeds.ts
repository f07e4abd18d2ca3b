/** Prints the seed of a run, so that `SKEIN_SEED=7` can repeat a failed one. */
export const seedOf = (title: string): number => {
  const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 2 ** 31)
  console.info(`${title}: seed ${seed} (repeat with SKEIN_SEED=${seed})`)
  return seed
}

/** `SKEIN_LONG=1` includes the tests that take minutes. */
export const isLong: boolean = process.env.SKEIN_LONG === '1'
