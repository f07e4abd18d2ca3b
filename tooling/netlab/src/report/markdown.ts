import { rows } from '../rows/rows.ts'
import type { EnduranceResult } from '../run/endurance-result.ts'
import type { PairResult } from '../run/matrix-result.ts'
import type { Result } from '../run/run-rows.ts'
import type { TrialResult } from '../run/trial-result.ts'
import { serverKinds, serverTitles } from '../servers/server-kind.ts'
import type { Environment } from './environment.ts'
import { quantile } from './quantile.ts'
import type { Report } from './report.ts'

/** The tables of a report. Times are in seconds. */
export function toMarkdown({ environments, results }: Report): string {
  const of = <Type extends Result['type']>(type: Type) =>
    results.filter((one): one is Extract<Result, { readonly type: Type }> => one.type === type)
  const faults = of('fault')
  const parts = [
    environments.map(describeEnvironment).join('\n\n'),
    section('Opening', openingTable(of('pair'))),
    section('Faults', healingTable(faults.filter((one) => expectation(one) === 'heal'))),
    section(
      'Faults without a break',
      steadyTable(faults.filter((one) => expectation(one) === 'steady')),
    ),
    section('A member ends', goneTable(faults.filter((one) => expectation(one) === 'gone'))),
    section('Repeated in one page', enduranceTable(of('endurance'))),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

const describeEnvironment = ({
  date,
  browsers,
  system,
  cores,
  processor,
  load,
  seed,
}: Environment) =>
  `${date.slice(0, 10)}, ${browsers.join(', ')}, ${system}, ${cores} cores of ${processor}, ` +
  `load ${load} at the beginning, seed ${seed}.`

const section = (title: string, table: readonly string[]): string =>
  table.length <= 2 ? '' : [`### ${title}`, '', ...table].join('\n')

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`

const table = (titles: readonly string[], lines: readonly string[]): readonly string[] => [
  line(titles),
  line(titles.map(() => '---')).replaceAll(' ', ''),
  ...lines,
]

/** Results that belong into one line, in the order of the rows. */
function groups<One extends Result>(results: readonly One[]): readonly (readonly One[])[] {
  const order = (one: One): number =>
    rows.findIndex(({ name }) => name === one.row) * 10 + serverKinds.indexOf(one.kind)
  const byKey = Map.groupBy(
    results.toSorted((a, b) => order(a) - order(b)),
    (one) => [one.row, one.kind, one.browsers.join(), one.delayMs].join(' '),
  )
  return [...byKey.values()]
}

function firstCells({ row, kind, browsers, delayMs }: Result): readonly string[] {
  const title = rows.find(({ name }) => name === row)?.title ?? row
  const notes = [
    ...(browsers.includes('firefox') ? [`${browsers[0]} × ${browsers[1]}`] : []),
    ...(delayMs > 0 ? [`${delayMs} ms each way and side`] : []),
  ]
  return [`${title}${notes.map((note) => `, ${note}`).join('')}`, serverTitles[kind]]
}

const expectation = ({ row }: TrialResult): string | null => {
  const found = rows.find(({ name }) => name === row)
  return found?.type === 'fault' ? found.expects : null
}

const s = (ms: number | null): string => (ms === null ? '–' : (ms / 1_000).toFixed(2))

/** Median, p95 and maximum; a value that is missing is the largest. */
function spread(values: readonly (number | null)[]): string {
  if (values.length === 0) return '–'
  const all = values.map((value) => value ?? Number.POSITIVE_INFINITY)
  return [0.5, 0.95, 1]
    .map((share) => quantile(all, share))
    .map((ms) => (ms === null || ms === Number.POSITIVE_INFINITY ? 'never' : s(ms)))
    .join(' / ')
}

const largest = (values: readonly number[]): string => s(Math.max(0, ...values))
const total = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0)

function openingTable(results: readonly PairResult[]): readonly string[] {
  const lines = groups(results).map((group) => {
    const [first] = group
    const met = group.filter(({ exchangeMs }) => exchangeMs !== null)
    const times = (path: string): string => {
      const own = met.filter(({ said }) => said.includes(path)).map(({ openMs }) => openMs)
      return own.length === 0 ? '' : `${own.length}: ${spread(own)}`
    }
    const wrong = met.filter(({ said, actual }) =>
      actual.some((path, index) => path !== said[index]),
    )
    return line([
      ...(first ? firstCells(first) : []),
      `${met.length} of ${group.length}`,
      times('direct'),
      times('relay'),
      times('via'),
      spread(met.map(({ exchangeMs }) => exchangeMs)),
      wrong.length,
    ])
  })
  const titles = [
    'routers',
    'servers',
    'exchange numbers',
    'direct, open after',
    'relay',
    'via a member',
  ]
  return table([...titles, 'first numbers after', 'wrong path'], lines)
}

const done = (group: readonly TrialResult[]): readonly TrialResult[] =>
  group.filter(({ error }) => error === null)

/** How many runs there are, and how many could not be done. */
function countOf(group: readonly TrialResult[]): string {
  const failed = group.length - done(group).length
  return failed === 0 ? String(group.length) : `${group.length} (${failed} failed)`
}

function numbersOf(group: readonly TrialResult[]): readonly (string | number)[] {
  return [
    total(group.map(({ lost }) => lost)),
    total(group.map(({ undelivered }) => undelivered)),
    total(group.map(({ doubled, disordered }) => doubled + disordered)),
    Math.max(0, ...group.map(({ refused }) => refused)),
  ]
}

function keptOf(group: readonly TrialResult[]): string {
  const lines = (['ids', 'host', 'term'] as const).flatMap((what) => {
    const changed = group.filter(({ kept }) => !kept[what]).length
    return changed === 0 ? [] : [`${what} changed in ${changed}`]
  })
  return lines.length === 0 ? 'all' : lines.join(', ')
}

const numberTitles = ['lost', 'named by `undelivered`', 'doubled or out of order', 'refused, most']

function healingTable(results: readonly TrialResult[]): readonly string[] {
  const lines = groups(results).map((all) => {
    const [first] = all
    const group = done(all)
    const afterServer = group.flatMap(({ healAfterServerMs }) => healAfterServerMs ?? [])
    return line([
      ...(first ? firstCells(first) : []),
      countOf(all),
      spread(group.map(({ healMs }) => healMs)),
      afterServer.length === 0 ? '' : spread(afterServer),
      largest(group.map(({ silenceMs }) => silenceMs)),
      largest(group.map(({ openInSilenceMs }) => openInSilenceMs)),
      largest(group.map(({ wrongPathMs }) => wrongPathMs)),
      ...numbersOf(group),
      keptOf(group),
      quantile(
        group.map(({ connections }) => connections),
        0.5,
      ) ?? '',
    ])
  })
  return table(
    [
      'fault',
      'servers',
      'runs',
      'heal: median / p95 / max',
      'from the server’s return',
      'longest silence',
      '`open` in silence',
      'wrong path',
      ...numberTitles,
      'ids, host, term kept',
      'connections made',
    ],
    lines,
  )
}

function steadyTable(results: readonly TrialResult[]): readonly string[] {
  const lines = groups(results).map((all) => {
    const [first] = all
    const group = done(all)
    return line([
      ...(first ? firstCells(first) : []),
      countOf(all),
      spread(group.map(({ silenceMs }) => silenceMs)),
      largest(group.map(({ wrongPathMs }) => wrongPathMs)),
      ...numbersOf(group),
      keptOf(group),
      quantile(
        group.map(({ connections }) => connections),
        0.5,
      ) ?? '',
      (
        quantile(
          group.map(({ cpu }) => cpu),
          0.5,
        ) ?? 0
      ).toFixed(2),
    ])
  })
  return table(
    [
      'fault',
      'servers',
      'runs',
      'silence: median / p95 / max',
      'wrong path',
      ...numberTitles,
      'ids, host, term kept',
      'connections made',
      'cores of A',
    ],
    lines,
  )
}

function goneTable(results: readonly TrialResult[]): readonly string[] {
  const lines = groups(results).map((all) => {
    const [first] = all
    const seen = done(all).flatMap(({ gone }) => gone ?? [])
    return line([
      ...(first ? firstCells(first) : []),
      countOf(all),
      spread(seen.map(({ notOpenMs }) => notOpenMs)),
      spread(seen.flatMap(({ offlineMs }) => offlineMs ?? [])),
      spread(seen.map(({ leftMs }) => leftMs)),
    ])
  })
  const titles = ['what', 'servers', 'runs', 'link not open', '`online` false', '`peerleave`']
  return table(titles, lines)
}

function enduranceTable(results: readonly EnduranceResult[]): readonly string[] {
  const lines = groups(results).flatMap((group) =>
    group.map((one) =>
      line([
        ...firstCells(one),
        one.error ?? one.tookMs.length,
        spread(one.tookMs),
        ...(['A', 'B'] as const).flatMap((side) => {
          const own = one.samples.filter((sample) => sample.side === side)
          return (['connections', 'listeners', 'heapKb'] as const).map((what) =>
            own.map((sample) => sample[what]).join(' → '),
          )
        }),
      ]),
    ),
  )
  const held = ['A', 'B'].flatMap((side) =>
    ['connections', 'listeners', 'KiB of heap'].map((what) => `${what} of ${side}`),
  )
  return table(['what', 'servers', 'times', 'numbers flow after', ...held], lines)
}
