import { parseArgs } from 'node:util'

export interface Flags<Name extends string, Scenario> {
  readonly only: readonly Scenario[]
  readonly contestants: ReadonlySet<Name>
  readonly rounds: number
  /** Where to write everything that was measured. */
  readonly json: string | null
  /** Write the tables into docs/benchmarks.md. */
  readonly docs: boolean
}

/** What there is to choose from. */
export interface Choice<Name extends string, Scenario> {
  readonly scenarios: readonly Scenario[]
  readonly names: readonly Name[]
  /** Unless asked otherwise. */
  readonly rounds: number
}

/** What is asked for cannot be done; the message is for the one who asked. */
export class FlagError extends Error {}

const maxRounds = 100

/** Reads the command line. @throws FlagError with one sentence. */
export const readFlags = <Name extends string, Scenario extends { readonly name: string }>(
  args: readonly string[],
  choice: Choice<Name, Scenario>,
): Flags<Name, Scenario> => {
  const { only, contestants: who, rounds, json, docs } = parse(args)
  return {
    only: only === undefined ? choice.scenarios : pickScenarios(only, choice.scenarios),
    contestants: new Set(who === undefined ? choice.names : pickNames(who, choice.names)),
    rounds: rounds === undefined ? choice.rounds : readRounds(rounds),
    json: json ?? null,
    docs: docs ?? false,
  }
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      // pnpm hands `--` on.
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
    throw new FlagError(`There is no scenario "${name}"; there are ${known}.`)
  })

const pickNames = <Name extends string>(text: string, names: readonly Name[]): readonly Name[] =>
  text.split(',').map((asked) => {
    const name = names.find((one) => one === asked)
    if (name) return name
    throw new FlagError(`There is no contestant "${asked}"; there are ${names.join(', ')}.`)
  })

const readRounds = (text: string): number => {
  const rounds = Number(text)
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= maxRounds) return rounds
  throw new FlagError(`--rounds takes a whole number from 1 to ${maxRounds}, not "${text}".`)
}
