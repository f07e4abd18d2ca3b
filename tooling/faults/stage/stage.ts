import { randomBytes } from 'node:crypto'
import { seededRandom } from '@skein/protocol/testing'
import { expect, type TestContext, vi } from 'vitest'
import { Crowd, now } from '../clients/crowd.ts'
import { type Account, accountOf } from '../history/account.ts'
import { checkHistory } from '../history/check-history.ts'
import { Balancer } from '../servers/balancer.ts'
import { SignalNode } from '../servers/signal-node.ts'
import { figuresOf } from './figures.ts'
import { writeHistory } from './history-file.ts'

export interface StageOptions {
  readonly nodeCount: number
  /** Of each node, counted from 0, as environment variables. */
  readonly settingsOf: (index: number) => Readonly<Record<string, string>>
}

/** Nodes, clients and all between them: what one test has for itself. They end with the test. */
export class Stage {
  readonly nodes: readonly [SignalNode, ...SignalNode[]]
  readonly crowd: Crowd
  readonly #title: string
  readonly #seed: number
  readonly #balancer: Balancer
  #filledAt = 0

  private constructor(nodes: Stage['nodes'], title: string) {
    this.nodes = nodes
    this.#title = title
    this.#seed = Number(process.env.SKEIN_SEED ?? Date.now() % 2 ** 31)
    this.#balancer = new Balancer(nodes)
    this.crowd = new Crowd({ balancer: this.#balancer, random: seededRandom(this.#seed) })
  }

  static async open(
    { nodeCount, settingsOf }: StageOptions,
    { task, onTestFinished, onTestFailed }: TestContext,
  ): Promise<Stage> {
    const shared = { SKEIN_SECRET: randomBytes(18).toString('base64url') }
    const [first, ...others] = Array.from(
      { length: nodeCount },
      (_, index) => new SignalNode(`node ${index + 1}`, { ...shared, ...settingsOf(index) }),
    )
    if (first === undefined) throw new Error('A stage has at least one node.')
    const stage = new Stage([first, ...others], task.name)
    onTestFinished(() => stage.#close())
    onTestFailed(() => stage.#tellAll())
    await Promise.all(stage.nodes.map((node) => node.start()))
    await stage.untilReady()
    return stage
  }

  /** Each room gets so many members, on the nodes in turn: its host is on the first. */
  async fill({
    rooms,
    members,
  }: {
    readonly rooms: number
    readonly members: number
  }): Promise<void> {
    for (let index = 0; index < members; index += 1) {
      const node = this.nodes[index % this.nodes.length] ?? this.nodes[0]
      for (let room = 0; room < rooms; room += 1) this.crowd.enter({ room: `room ${room}`, node })
      // One after the other in each room: the first is host.
      await this.untilAtRest()
    }
    this.#filledAt = now()
  }

  /** Everyone is in the room, sees all others online, and knows the same as they do. */
  async untilAtRest(): Promise<void> {
    await until(() => expect(this.crowd.unrest()).toEqual([]))
  }

  /** Lets them talk until each has heard a few signals more. */
  async untilHeard(): Promise<void> {
    const wanted = this.crowd.clients
      .filter(({ hasLeft }) => !hasLeft)
      .map((client) => ({ client, count: client.signalsHeard + fewSignals }))
    this.crowd.talk()
    await until(() => {
      const deaf = wanted.filter(({ client, count }) => client.signalsHeard < count)
      expect(deaf.map(({ client }) => client.name)).toEqual([])
    })
  }

  async untilReady(): Promise<void> {
    await until(() =>
      expect(this.nodes.filter((node) => !this.#balancer.isReady(node))).toEqual([]),
    )
  }

  /**
   * Ends the talk and judges: no rule is broken, and no signal is gone without a word. Gives what was
   * noticed since the rooms were full.
   */
  async conclude(): Promise<Account> {
    this.crowd.hush()
    await this.untilAtRest()
    const hushedAt = now()
    await until(() => {
      const { unexplained } = accountOf(this.crowd.logs).signals
      // What is on its way between nodes is not lost yet.
      if (unexplained.length > 0 && now() < hushedAt + settlingMs) throw new Error('not settled')
    })
    const account = accountOf(this.crowd.logs, this.#filledAt)
    console.info(`${this.#title} (seed ${this.#seed}): ${figuresOf(account)}`)
    if (process.env.SKEIN_HISTORY === '1') writeHistory(this.#title, this.crowd.logs)
    expect(checkHistory(this.crowd.logs).slice(0, 10)).toEqual([])
    expect(account.signals).toMatchObject({ unexplained: [] })
    return account
  }

  async #close(): Promise<void> {
    this.crowd.close()
    await this.#balancer.close()
    await Promise.all(this.nodes.map((node) => node.kill()))
  }

  #tellAll(): void {
    const unusual = /"level":[456]0|^[^{]/
    const said = this.nodes.flatMap(({ name, lines }) =>
      lines.filter((line) => unusual.test(line)).map((line) => `${name}: ${line}`),
    )
    const file = writeHistory(this.#title, this.crowd.logs)
    const lines = [`${this.#title} (seed ${this.#seed}) failed: ${file}`, ...said.slice(-60)]
    console.info(lines.join('\n'))
  }
}

/** Asks until it no longer throws. */
export async function until(condition: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(condition, { timeout: 60_000, interval: 50 })
}

const fewSignals = 3

/** How long signals may be under way between nodes. */
const settlingMs = 8_000
