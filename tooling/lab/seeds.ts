/** `SKEIN_SEED=7` plays a run again; it is printed, so that one that failed can be. */
export const seedOf = (what: string): number => {
  const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 2 ** 31)
  console.info(`${what}: seed ${seed} (again with SKEIN_SEED=${seed})`)
  return seed
}

/** `SKEIN_LONG=1`: also what takes minutes. */
export const isLong: boolean = process.env.SKEIN_LONG === '1'
