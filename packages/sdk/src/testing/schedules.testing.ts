interface Schedules {
  /** What runs, for the log. */
  readonly name: string
  /** How many run in the tests of every day, and in the long mode. */
  readonly runs: { readonly short: number; readonly long: number }
}

const isLong = process.env.SKEIN_LONG === '1'

/** The time limit of a test that runs schedules. */
export const timeout: number = isLong ? 600_000 : 60_000

/** `SKEIN_LONG=1` runs many more, and new ones each time; `SKEIN_SEED=7` begins with that seed. */
const first = Number(process.env.SKEIN_SEED ?? (isLong ? Date.now() % 2 ** 31 : 1))

/** Runs one random schedule after the other. The error of one that fails names its seed. */
export const runSchedules = async (
  { name, runs }: Schedules,
  run: (seed: number) => Promise<void>,
): Promise<void> => {
  const last = first + (isLong ? runs.long : runs.short) - 1
  for (let seed = first; seed <= last; seed += 1) {
    try {
      await run(seed)
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error })
    }
  }
  console.log(`${name}: seeds ${first} to ${last}`)
}
