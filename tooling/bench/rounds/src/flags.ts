import { parseArgs } from 'node:util'

export interface Flags<Name extends string, Scenario> {
  readonly only: readonly Scenario[]
  readonly contestants: ReadonlySet<Name>
  readonly rounds: number
  /** Where to write all results as JSON. */
  readonly json: string | null
  /** Write the tables into docs/benchmarks.md. */
  readonly docs: boolean
}

/** The available choices. */
export interface Choice<Name extends string, Scenario> {
  readonly scenarios: readonly Scenario[]
  readonly names: readonly Name[]
  /** The default. */
  readonly rounds: number
}

/** The command line asks for something impossible; the message is for the user. */
export class FlagError extends Error {}

const maxRounds = 100

/** Reads the command line. @throws FlagError with a one-sentence message. */
export const readFlags = <Name extends string, Scenario extends { readonly name: string }>(
  args: readonly string[],
  choice: Choice<Name, Scenario>,
): Flags<Name, Scenario> => {
  const { only, contestants, rounds, json, docs } = parse(args)
  return {
    only: only === undefined ? choice.scenarios : pickScenarios(only, choice.scenarios),
    contestants: new Set(
      contestants === undefined ? choice.names : pickNames(contestants, choice.names),
    ),
    rounds: rounds === undefined ? choice.rounds : readRounds(rounds),
    json: json ?? null,
    docs: docs ?? false,
  }
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      // pnpm passes `--` on.
      args: args.filter((arg) => arg !== '--'),
      options: {
        only: { type: 'string' },
        contestants: { type: 'string' },
        rounds: { type: 'string' },
        json: { type: 'string' },
        docs: { type: 'boolean' },
      },
    }).values
  } catch (cause) {
    throw new FlagError(
      'Known flags are --only=SCENARIO,… --contestants=NAME,… --rounds=NUMBER --json=FILE --docs.',
      { cause },
    )
  }
}

const pickScenarios = <Scenario extends { readonly name: string }>(
  text: string,
  scenarios: readonly Scenario[],
): readonly Scenario[] =>
  text.split(',').map((name) => {
    const scenario = scenarios.find((one) => one.name === name)
    if (scenario) return scenario
    const known = scenarios.map((one) => one.name).join(', ')
    throw new FlagError(`Unknown scenario "${name}". Known: ${known}.`)
  })

const pickNames = <Name extends string>(text: string, names: readonly Name[]): readonly Name[] =>
  text.split(',').map((asked) => {
    const name = names.find((one) => one === asked)
    if (name) return name
    throw new FlagError(`Unknown contestant "${asked}". Known: ${names.join(', ')}.`)
  })

const readRounds = (text: string): number => {
  const rounds = Number(text)
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= maxRounds) return rounds
  throw new FlagError(`--rounds must be an integer from 1 to ${maxRounds}, not "${text}".`)
}
