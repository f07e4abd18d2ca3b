import type { Sample } from './run.ts'
import type { Figure, Scenario } from './scenario.ts'
import { type Spread, spreadOf } from './statistics.ts'

type Row = readonly string[]

/** The contestant that is compared with each of the others. */
export const ours = 'skein'

/** What a table needs to know about a scenario. */
export type Described = Pick<Scenario, 'name' | 'about' | 'contestants' | 'figures'>

/** One row per contestant: medians with the interquartile range, and ratios within each round. */
export const tableOf = (scenario: Described, samples: readonly Sample[]): readonly Row[] => {
  const figures = Object.entries(scenario.figures)
  const contestants = contestantsOf(scenario, samples)
  const isAlone = contestants.every((contestant) => contestant === ours)
  const head = figures.flatMap(([, { label, as }]) =>
    as !== undefined || isAlone ? [label] : [label, `${ours} ÷ it`],
  )
  const rows = contestants.map((contestant) => [
    contestant,
    ...figures.flatMap(([key, figure]) => {
      const cells = cellsOf({ key, figure, contestant, samples })
      return isAlone ? cells.slice(0, 1) : cells
    }),
    failuresOf(samples.filter((sample) => sample.contestant === contestant)),
  ])
  return [['', ...head, 'failed'], ...rows]
}

interface Cell {
  readonly key: string
  readonly figure: Figure
  readonly contestant: string
  readonly samples: readonly Sample[]
}

const cellsOf = ({ key, figure, contestant, samples }: Cell): readonly string[] => {
  const values = [...valuesByRound(samples, contestant, key).values()]
  if (figure.as === 'runs') {
    return [`${values.filter((value) => value > 0).length} of ${values.length}`]
  }
  if (figure.as === 'alone') return [describe(spreadOf(values), figure.digits)]
  const ratio = contestant === ours ? '' : describe(ratioOf({ key, contestant, samples }), 2)
  return [describe(spreadOf(values), figure.digits), ratio]
}

/** Our figure divided by theirs, in each round in which both have one. */
const ratioOf = ({ key, contestant, samples }: Omit<Cell, 'figure'>): Spread => {
  const mine = valuesByRound(samples, ours, key)
  const theirs = valuesByRound(samples, contestant, key)
  const ratios = [...mine].flatMap(([round, value]) => {
    const other = theirs.get(round)
    return other === undefined ? [] : [value / other]
  })
  return spreadOf(ratios)
}

const valuesByRound = (
  samples: readonly Sample[],
  contestant: string,
  key: string,
): ReadonlyMap<number, number> =>
  new Map(
    samples.flatMap((sample) => {
      if (sample.contestant !== contestant || !('figures' in sample)) return []
      const value = sample.figures[key]
      return value === undefined ? [] : [[sample.round, value] as const]
    }),
  )

const describe = ({ median, low, high }: Spread, digits: number): string =>
  !Number.isFinite(median)
    ? '–'
    : `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`

const failuresOf = (samples: readonly Sample[]): string => {
  const errors = samples.flatMap((sample) => ('error' in sample ? [sample.error] : []))
  if (errors.length === 0) return '0'
  return `${errors.length} of ${samples.length}: ${[...new Set(errors)].join('; ')}`
}

interface Summary extends Spread {
  readonly contestant: string
  readonly figure: string
  /** Our figure divided by this one, within each round. */
  readonly ratio: Spread
}

/** The table as data. */
export const summaryOf = (scenario: Described, samples: readonly Sample[]): readonly Summary[] =>
  contestantsOf(scenario, samples).flatMap((contestant) =>
    Object.keys(scenario.figures).map((key) => ({
      contestant,
      figure: key,
      ...spreadOf([...valuesByRound(samples, contestant, key).values()]),
      ratio: ratioOf({ key, contestant, samples }),
    })),
  )

const contestantsOf = (scenario: Described, samples: readonly Sample[]): readonly string[] =>
  scenario.contestants.filter((name) => samples.some(({ contestant }) => contestant === name))

/** Prints rows as a table; the first row is its head. */
export const printTable = (rows: readonly Row[]): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: Row): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  return [line(rows[0] ?? []), rule, ...rows.slice(1).map(line)].join('\n')
}
