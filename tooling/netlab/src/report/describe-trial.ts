import type { TrialResult } from '../run/trial-result.ts'

/** A few lines for the terminal, with what each side saw. */
export function describeTrial(result: TrialResult): string {
  const { row, kind, run, error } = result
  const title = `${row} ${kind} run ${run + 1}`
  if (error !== null) return `${title}: ${error}`
  const { lost, doubled, disordered, refused, kept } = result
  const lines = [
    [
      `${title}:`,
      result.outageMs === null ? '' : `path back after ${seconds(result.outageMs)},`,
      `heal ${seconds(result.healMs)}`,
      result.healAfterServerMs === null
        ? ''
        : `(${seconds(result.healAfterServerMs)} after the server)`,
      `silence ${seconds(result.silenceMs)}, open in silence ${seconds(result.openInSilenceMs)},`,
      `wrong path ${seconds(result.wrongPathMs)},`,
      `lost ${lost}, doubled ${doubled}, disordered ${disordered}, refused ${refused},`,
      `${result.connections} connections made`,
    ]
      .filter((part) => part !== '')
      .join(' '),
    ...result.sides.map(
      ({ side, healMs, states }) => `  ${side} heal ${seconds(healMs)}: ${states.join(' ')}`,
    ),
  ]
  const changed = Object.entries(kept).flatMap(([what, isKept]) => (isKept ? [] : [what]))
  if (changed.length > 0) lines.push(`  changed: ${changed.join(', ')}`)
  if (result.events.length > 0) lines.push(`  ${result.events.join(' | ')}`)
  return lines.join('\n')
}

export const seconds = (ms: number | null): string => (ms === null ? '–' : (ms / 1_000).toFixed(2))
