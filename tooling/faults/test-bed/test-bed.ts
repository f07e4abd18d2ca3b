import { randomBytes } from 'node:crypto'
import { seededRandom } from '@skein/protocol/testing'
import { expect, type TestContext, vi } from 'vitest'
import { ClientGroup, now } from '../clients/client-group.ts'
import { checkHistory } from '../history/check-history.ts'
import { type RunSummary, summarizeRun } from '../history/run-summary.ts'
import { Balancer } from '../servers/balancer.ts'
import { SignalNode } from '../servers/signal-node.ts'
import { describeSummary, writeHistory } from './report.ts'

export interface TestBedOptions {
  readonly nodeCount: number
  /** The environment variables of each node; `index` starts at 0. */
  readonly settingsOf: (index: number) => Readonly<Record<string, string>>
}

/** The nodes, load balancer and clients of one test. They end with the test. */
export class TestBed {
  readonly nodes: readonly [SignalNode, ...SignalNode[]]
  readonly group: ClientGroup
  readonly #title: string
  readonly #seed: number
  readonly #balancer: Balancer
  #filledAt = 0

  private constructor(nodes: TestBed['nodes'], title: string) {
    this.nodes = nodes
    this.#title = title
    this.#seed = Number(process.env.SKEIN_SEED ?? Date.now() % 2 ** 31)
    this.#balancer = new Balancer(nodes)
    this.group = new ClientGroup({ balancer: this.#balancer, random: seededRandom(this.#seed) })
  }

  static async open(
    { nodeCount, settingsOf }: TestBedOptions,
    { task, onTestFinished, onTestFailed }: TestContext,
  ): Promise<TestBed> {
    const shared = { SKEIN_SECRET: randomBytes(32).toString('base64url') }
    const [first, ...others] = Array.from(
      { length: nodeCount },
      (_, index) => new SignalNode(`node ${index + 1}`, { ...shared, ...settingsOf(index) }),
    )
    if (first === undefined) throw new Error('A test bed needs at least one node.')
    const testBed = new TestBed([first, ...others], task.name)
    onTestFinished(() => testBed.#close())
    onTestFailed(() => testBed.#printLogs())
    await Promise.all(testBed.nodes.map((node) => node.start()))
    await testBed.untilReady()
    return testBed
  }

  /** Adds members to each room, spread over the nodes in turn; the hosts are on the first node. */
  async fill({
    rooms,
    members,
  }: {
    readonly rooms: number
    readonly members: number
  }): Promise<void> {
    for (let index = 0; index < members; index += 1) {
      const node = this.nodes[index % this.nodes.length] ?? this.nodes[0]
      for (let room = 0; room < rooms; room += 1) this.group.add({ room: `room ${room}`, node })
      // Members join each room one by one, so that the first one is host.
      await this.untilSettled()
    }
    this.#filledAt = now()
  }

  /** Waits until all clients are in their rooms, see each other online and have equal views. */
  async untilSettled(): Promise<void> {
    await until(() => expect(this.group.findUnsettled()).toEqual([]))
  }

  /** Starts the exchange of signals and waits until every client has received a few more. */
  async untilSignalsArrive(): Promise<void> {
    const expected = this.group.clients
      .filter(({ hasLeft }) => !hasLeft)
      .map((client) => ({ client, count: client.signalsReceived + fewSignals }))
    this.group.startSignaling()
    await until(() => {
      const missing = expected.filter(({ client, count }) => client.signalsReceived < count)
      expect(missing.map(({ client }) => client.name)).toEqual([])
    })
  }

  async untilReady(): Promise<void> {
    await until(() =>
      expect(this.nodes.filter((node) => !this.#balancer.isReady(node))).toEqual([]),
    )
  }

  /**
   * Stops the exchange of signals and checks the history: no rule is broken, and every lost signal
   * is explained. Returns what the clients noticed since `fill`.
   */
  async finish(): Promise<RunSummary> {
    this.group.stopSignaling()
    await this.untilSettled()
    const stoppedAt = now()
    await until(() => {
      const { unexplained } = summarizeRun(this.group.logs).signals
      // Signals on their way between nodes are not lost yet.
      if (unexplained.length > 0 && now() < stoppedAt + settlingMs) throw new Error('not settled')
    })
    const summary = summarizeRun(this.group.logs, this.#filledAt)
    console.info(`${this.#title} (seed ${this.#seed}): ${describeSummary(summary)}`)
    if (process.env.SKEIN_HISTORY === '1') writeHistory(this.#title, this.group.logs)
    expect(checkHistory(this.group.logs).slice(0, 10)).toEqual([])
    expect(summary.signals).toMatchObject({ unexplained: [] })
    return summary
  }

  async #close(): Promise<void> {
    this.group.close()
    await this.#balancer.close()
    await Promise.all(this.nodes.map((node) => node.kill()))
  }

  #printLogs(): void {
    const unusual = /"level":[456]0|^[^{]/
    const logged = this.nodes.flatMap(({ name, lines }) =>
      lines.filter((line) => unusual.test(line)).map((line) => `${name}: ${line}`),
    )
    const file = writeHistory(this.#title, this.group.logs)
    const lines = [`${this.#title} (seed ${this.#seed}) failed: ${file}`, ...logged.slice(-60)]
    console.info(lines.join('\n'))
  }
}

/** Repeats a condition until it no longer throws. */
export async function until(condition: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(condition, { timeout: 60_000, interval: 50 })
}

const fewSignals = 3

/** How long signals may be on their way between nodes. */
const settlingMs = 8_000
