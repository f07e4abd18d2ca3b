import { setImmediate as turn } from 'node:timers/promises'
import { type Pair, sendNext } from './pairs.ts'
import type { ServerProcess } from './server-process.ts'
import { quantile } from './statistics.ts'

/** A server and the pairs that talk through it. */
export interface Contestant {
  readonly server: ServerProcess
  readonly pairs: readonly Pair[]
}

export interface Throughput {
  readonly messagesPerSecond: number
  /** Share of a core that the server used. */
  readonly serverCpu: number
  /** Share of a core that the generator used. */
  readonly generatorCpu: number
}

export interface Latency {
  readonly p50: number
  readonly p99: number
}

/** Keeps `inFlight` messages of each pair on their way, and counts those that arrive. */
export const measureThroughput = async (
  { server, pairs }: Contestant,
  { windowMs, inFlight }: { readonly windowMs: number; readonly inFlight: number },
): Promise<Throughput> => {
  for (const pair of pairs) {
    pair.onReceived = () => sendNext(pair)
    for (let n = 0; n < inFlight; n += 1) sendNext(pair)
  }
  await until(performance.now() + warmUpMs)
  const before = look(server, pairs)
  await until(performance.now() + windowMs)
  const after = look(server, pairs)
  for (const pair of pairs) pair.onReceived = null
  await settled(pairs)
  const ms = after.at - before.at
  return {
    messagesPerSecond: ((after.received - before.received) / ms) * 1_000,
    serverCpu: (after.serverCpuMs - before.serverCpuMs) / ms,
    generatorCpu: (after.generatorCpuMs - before.generatorCpuMs) / ms,
  }
}

/** Sends at a steady rate and measures how long each message takes, in µs. */
export const measureLatency = async (
  { pairs }: Contestant,
  { windowMs, perSecond }: { readonly windowMs: number; readonly perSecond: number },
): Promise<Latency> => {
  const latencies: number[] = []
  for (const pair of pairs) {
    pair.onReceived = () => {
      const sentAt = pair.sentAt.shift()
      if (sentAt !== undefined) latencies.push((performance.now() - sentAt) * 1_000)
    }
  }
  const startedAt = performance.now()
  let sent = 0
  for (let now = startedAt; now < startedAt + windowMs; now = performance.now()) {
    const due = Math.floor(((now - startedAt) / 1_000) * perSecond)
    for (; sent < due; sent += 1) sendTimed(pairs[sent % pairs.length])
    await turn()
  }
  await settled(pairs)
  for (const pair of pairs) pair.onReceived = null
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }
}

/** Relays until the compilers have seen enough, for they take longer on a machine that is busy. */
export const warmUp = async (contestant: Contestant): Promise<void> => {
  const giveUpAt = performance.now() + maxWarmUpMs
  const relayed = (): number => contestant.pairs.reduce((sum, pair) => sum + pair.received, 0)
  while (relayed() < warmUpMessages && performance.now() < giveUpAt) {
    await measureThroughput(contestant, { windowMs: 500, inFlight: 4 })
  }
}

const warmUpMessages = 200_000
const maxWarmUpMs = 12_000
const warmUpMs = 200

const sendTimed = (pair: Pair | undefined): void => {
  if (pair === undefined) return
  pair.sentAt.push(performance.now())
  sendNext(pair)
}

const until = async (time: number): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, time - performance.now()))
}

/** Waits for what is on its way. */
const settled = async (pairs: readonly Pair[]): Promise<void> => {
  while (pairs.some(({ sent, received }) => received < sent)) await turn()
}

const look = (server: ServerProcess, pairs: readonly Pair[]) => {
  const { user, system } = process.cpuUsage()
  return {
    at: performance.now(),
    received: pairs.reduce((sum, pair) => sum + pair.received, 0),
    serverCpuMs: server.cpuMs(),
    generatorCpuMs: (user + system) / 1_000,
  }
}
