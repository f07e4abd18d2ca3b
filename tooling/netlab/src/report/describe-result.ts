import type { EnduranceResult } from '../run/endurance-result.ts'
import type { PairResult } from '../run/matrix-result.ts'
import type { Result } from '../run/run-rows.ts'
import type { TrialResult } from '../run/trial-result.ts'
import { quantile } from './quantile.ts'

/** A few lines for the terminal. */
export function describeResult(result: Result): string {
  const { row, kind, run, error } = result
  const title = `${row} ${kind} run ${run + 1}`
  if (error !== null) return `${title}: ${error}`
  switch (result.type) {
    case 'fault':
      return describeTrial(title, result)
    case 'pair':
      return describePair(title, result)
    case 'endurance':
      return describeEndurance(title, result)
  }
}

function describePair(
  title: string,
  { nats, openMs, exchangeMs, said, actual }: PairResult,
): string {
  const paths = actual.length === 0 ? said : said.map((path, index) => `${path}/${actual[index]}`)
  const met = exchangeMs === null ? 'never' : seconds(exchangeMs)
  return `${title} ${nats.join(' × ')}: open ${seconds(openMs)}, numbers ${met}, ${paths.join(' ')}`
}

function describeEndurance(title: string, { tookMs, samples }: EnduranceResult): string {
  const took = [0.5, 0.95, 1].map((share) => seconds(quantile(tookMs, share)))
  const lines = samples.map(
    ({ side, repeats, connections, listeners, heapKb }) =>
      `  ${side} after ${repeats}: ${connections} connections, ${listeners} listeners, ${heapKb} KiB`,
  )
  return [`${title}: ${tookMs.length} times, median, p95, max ${took.join(' ')}`, ...lines].join(
    '\n',
  )
}

/** With what each side saw. */
function describeTrial(title: string, result: TrialResult): string {
  const { lost, doubled, disordered, refused, kept } = result
  const lines = [
    [
      `${title}:`,
      result.outageMs === null
        ? ''
        : `path back after ${seconds(result.outageMs)}, heal ${seconds(result.healMs)}`,
      result.healAfterServerMs === null
        ? ''
        : `(${seconds(result.healAfterServerMs)} after the server)`,
      `silence ${seconds(result.silenceMs)}, open in silence ${seconds(result.openInSilenceMs)},`,
      `wrong path ${seconds(result.wrongPathMs)},`,
      `lost ${lost} (${result.undelivered} named), doubled ${doubled}, disordered ${disordered}, refused ${refused},`,
      `${result.connections} connections made, ${result.cpu.toFixed(2)} cores`,
    ]
      .filter((part) => part !== '')
      .join(' '),
    ...slowest(result.sides).map(
      ({ side, healMs, states }) => `  ${side} ${seconds(healMs)}: ${states.join(' ')}`,
    ),
  ]
  if (result.gone) {
    const { notOpenMs, offlineMs, leftMs } = result.gone
    const [notOpen, offline, left] = [notOpenMs, offlineMs, leftMs].map(seconds)
    lines.push(`  not open after ${notOpen}, offline after ${offline}, left after ${left}`)
  }
  const changed = Object.entries(kept).flatMap(([what, isKept]) => (isKept ? [] : [what]))
  if (changed.length > 0) lines.push(`  changed: ${changed.join(', ')}`)
  const { events } = result
  const more = events.length > maxEvents ? [`${events.length - maxEvents} more`] : []
  if (events.length > 0) lines.push(`  ${[...events.slice(0, maxEvents), ...more].join(' | ')}`)
  return lines.join('\n')
}

/** The JSON report has all of them. */
const maxEvents = 30
const maxSides = 6

const slowest = (sides: TrialResult['sides']): TrialResult['sides'] =>
  sides.length <= maxSides
    ? sides
    : sides.toSorted((one, other) => slownessOf(other) - slownessOf(one)).slice(0, maxSides)

const slownessOf = ({ healMs }: { readonly healMs: number | null }): number =>
  healMs ?? Number.MAX_SAFE_INTEGER

export const seconds = (ms: number | null): string => (ms === null ? '–' : (ms / 1_000).toFixed(2))
