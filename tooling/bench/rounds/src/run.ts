import type { Figures, Place, Scenario } from './scenario.ts'

/** One run: its figures, or the error that prevented them. */
export type Sample<Name extends string = string> = {
  readonly scenario: string
  readonly contestant: Name
  readonly round: number
} & Outcome

type Outcome =
  | { readonly figures: Figures; readonly note: string | null }
  | { readonly error: string }

export interface RunOptions<Name extends string, Stage> {
  readonly stage: Stage
  readonly contestants: readonly Name[]
  readonly rounds: number
  readonly onSample: (sample: Sample<Name>) => void
}

/** Runs round by round, so that drift affects all contestants alike; the order rotates. */
export const runScenario = async <Name extends string, Stage>(
  scenario: Scenario<Name, Stage>,
  { stage, contestants, rounds, onSample }: RunOptions<Name, Stage>,
): Promise<readonly Sample<Name>[]> => {
  const samples: Sample<Name>[] = []
  const places = new Map<Name, Place>()
  for (let round = 0; round < rounds; round += 1) {
    for (const [index] of contestants.entries()) {
      const contestant = contestants[(index + round) % contestants.length]
      if (contestant === undefined) continue
      const which = { scenario: scenario.name, contestant, round }
      const sample = { ...which, ...(await runOnce({ scenario, stage, contestant, places })) }
      samples.push(sample)
      onSample(sample)
    }
  }
  for (const place of places.values()) await place.close()
  return samples
}

interface RunOnce<Name extends string, Stage> {
  readonly scenario: Scenario<Name, Stage>
  readonly stage: Stage
  readonly contestant: Name
  readonly places: Map<Name, Place>
}

const runOnce = async <Name extends string, Stage>({
  scenario,
  stage,
  contestant,
  places,
}: RunOnce<Name, Stage>): Promise<Outcome> => {
  try {
    const place = places.get(contestant) ?? (await scenario.open(stage, contestant))
    places.set(contestant, place)
    const figures = await within(scenario.timeoutMs, place.run())
    return { figures, note: place.note?.() ?? null }
  } catch (error) {
    // The state of these pages is unknown: the next run gets new ones.
    await places.get(contestant)?.close()
    places.delete(contestant)
    return { error: firstLineOf(error) }
  }
}

const within = async <Value>(ms: number, work: Promise<Value>): Promise<Value> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`timed out after ${ms / 1_000} s`)), ms)
  // A failure after the timeout has been reported already.
  work.catch(() => null)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Playwright appends a stack trace of the page: the first line is enough. */
const firstLineOf = (error: unknown): string =>
  String(error instanceof Error ? error.message : error)
    .split('\n')[0]
    ?.replace(/^page\.\w+: (?:Error: )?/, '') ?? ''
