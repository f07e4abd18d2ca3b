/**
 * Measures the server against a bare relay over `ws`, both live at once, in windows that take turns.
 * Only ratios within a round mean something: single figures drift with the machine.
 */
import { bytesPerConnection } from './memory.ts'
import { openPairs } from './pairs.ts'
import { chooseCores, pinSelf } from './pin.ts'
import {
  type Contestant,
  type Latency,
  measureLatency,
  measureThroughput,
  type Throughput,
  warmUp,
} from './relay-windows.ts'
import { startProcess } from './server-process.ts'
import { quantile, ratios, type Spread, spreadOf } from './statistics.ts'
import { printTable } from './table.ts'

const rounds = 11
const pairCount = 64
const inFlight = 2
const windowMs = 1_000
/** Of what the bare relay can do: load without a queue. */
const latencyLoad = 0.2
const memoryCounts = [1_000, 10_000]

const main = async (): Promise<void> => {
  const cores = chooseCores()
  if (cores !== null) pinSelf(cores.generator)
  const core = cores?.server ?? null
  const bare = await enter('bare', core)
  const skein = await enter('skein', core)
  for (const contestant of [bare, skein]) await warmUp(contestant)
  const throughput = await rotate({ bare, skein }, (contestant) =>
    measureThroughput(contestant, { windowMs, inFlight }),
  )
  const perSecond = latencyLoad * quantile(throughput.bare.map(rate), 0.5)
  const latency = await rotate({ bare, skein }, (contestant) =>
    measureLatency(contestant, { windowMs, perSecond }),
  )
  for (const { server } of [bare, skein]) server.stop()
  const memory = await measureMemory(core)
  const result = { cores, rounds, pairCount, inFlight, perSecond, throughput, latency, memory }
  summarize(result)
  process.stdout.write(`${JSON.stringify(result, rounded)}\n`)
  process.exit(0)
}

interface Both<Value> {
  readonly bare: readonly Value[]
  readonly skein: readonly Value[]
}

interface Memory {
  readonly count: number
  readonly bare: number
  readonly skein: number
}

const enter = async (name: 'bare' | 'skein', core: number | null): Promise<Contestant> => {
  const server = await startProcess(name, core)
  return { server, pairs: await openPairs(server.port, pairCount) }
}

/** One window each, in turn, and who begins takes turns too. */
const rotate = async <Value>(
  { bare, skein }: { readonly bare: Contestant; readonly skein: Contestant },
  measure: (contestant: Contestant) => Promise<Value>,
): Promise<Both<Value>> => {
  const values: { bare: Value[]; skein: Value[] } = { bare: [], skein: [] }
  // The first round warms the compilers up and is not counted.
  for (let round = -1; round < rounds; round += 1) {
    const order = round % 2 === 0 ? [bare, skein] : [skein, bare]
    for (const contestant of order) {
      const value = await measure(contestant)
      if (round >= 0) values[contestant.server.name].push(value)
    }
  }
  return values
}

const measureMemory = async (core: number | null): Promise<readonly Memory[]> => {
  const results: Memory[] = []
  for (const count of memoryCounts) {
    const bare = await bytesPerConnection('bare', { count, core })
    const skein = await bytesPerConnection('skein', { count, core })
    results.push({ count, bare, skein })
  }
  return results
}

const rate = ({ messagesPerSecond }: Throughput): number => messagesPerSecond
const perCpuSecond = ({ messagesPerSecond, serverCpu }: Throughput): number =>
  messagesPerSecond / serverCpu

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(4)) : value

interface Summary {
  readonly throughput: Both<Throughput>
  readonly latency: Both<Latency>
  readonly memory: readonly Memory[]
}

const summarize = ({ throughput, latency, memory }: Summary): void => {
  printTable([
    ['', 'bare ws', 'skein', 'skein / bare (middle half)'],
    compare('relay, messages/s', throughput, rate),
    compare('relay, messages per CPU second', throughput, perCpuSecond),
    compare('latency p50, µs', latency, ({ p50 }) => p50),
    compare('latency p99, µs', latency, ({ p99 }) => p99),
    ...memory.map(({ count, bare, skein }) => [
      `memory per idle member of ${count}, KB`,
      (bare / 1_024).toFixed(1),
      (skein / 1_024).toFixed(1),
      (skein / bare).toFixed(2),
    ]),
  ])
  process.stdout.write(`${describeCpu([...throughput.bare, ...throughput.skein])}\n`)
}

/** Of a core; the rest is the coarseness of the clock. */
const full = 0.93

/** Whose limit the messages a second show. */
const describeCpu = (windows: readonly Throughput[]): string => {
  const server = median(windows.map(({ serverCpu }) => serverCpu))
  const generator = median(windows.map(({ generatorCpu }) => generatorCpu))
  const used = `CPU in the relay windows: servers ${percent(server)}, generator ${percent(generator)}`
  if (server >= full) return `${used}; the servers were full first: messages/s is their limit.`
  if (generator >= full) return `${used}; the GENERATOR was full first: messages/s is its limit.`
  return `${used}; neither was full, others used the machine: trust what is per CPU second.`
}

const median = (values: readonly number[]): number => quantile(values, 0.5)

const compare = <Value>(
  name: string,
  { bare, skein }: Both<Value>,
  read: (value: Value) => number,
): readonly string[] => {
  const [theirs, ours] = [bare.map(read), skein.map(read)]
  return [name, whole(theirs), whole(ours), ratio(spreadOf(ratios(ours, theirs)))]
}

const whole = (values: readonly number[]): string => quantile(values, 0.5).toFixed(0)
const ratio = ({ median, low, high }: Spread): string =>
  `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`

await main()
