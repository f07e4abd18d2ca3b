import { type Random, seededRandom } from '@skein/protocol/testing'
import type { Arguments } from '../arguments.ts'
import { whyNoCables } from '../network/cable.ts'
import { sides } from '../network/sides.ts'
import { type FaultRow, type Row, sidesOf } from '../rows/row.ts'
import type { EnduranceResult } from './endurance-result.ts'
import type { PairResult } from './matrix-result.ts'
import { runEndurance } from './run-endurance.ts'
import { runFault } from './run-fault.ts'
import { runMatrix } from './run-matrix.ts'
import { Stage, type StageOptions } from './stage.ts'
import type { TrialOptions } from './trial.ts'
import type { TrialResult } from './trial-result.ts'

export type Result = TrialResult | PairResult | EnduranceResult

/** Runs rows, and hands over the results of each as soon as there are some. */
export class RowRunner implements Disposable {
  readonly #args: Arguments
  readonly #random: Random
  readonly #onResult: (result: Result) => void
  #stage: Stage | null = null

  constructor(args: Arguments, onResult: (result: Result) => void) {
    this.#args = args
    this.#random = seededRandom(args.seed)
    this.#onResult = onResult
  }

  /** Why a row is left out on this machine, or `null`. */
  whyLeftOut(row: Row): string | null {
    return this.#needsCables(row) ? whyNoCables() : null
  }

  async run(row: Row): Promise<void> {
    const kinds = this.#args.kinds.filter((kind) => row.servers?.includes(kind) ?? true)
    if (kinds.length === 0) return
    const stage = await this.#stageFor(row)
    switch (row.type) {
      case 'fault':
        return this.#runFault(stage, row, kinds)
      case 'matrix':
        for (let run = 0; run < this.#args.runs; run++) {
          await runMatrix(stage, { row, kinds, run, onResult: this.#onResult })
        }
        return
      case 'endurance':
        for (const kind of kinds) this.#onResult(await runEndurance(stage, { row, kind, run: 0 }))
    }
  }

  [Symbol.dispose](): void {
    this.#stage?.[Symbol.dispose]()
    this.#stage = null
  }

  async #runFault(stage: Stage, row: FaultRow, kinds: Arguments['kinds']): Promise<void> {
    const { runs, rooms } = this.#args
    const all: readonly TrialOptions[] = Array.from({ length: runs }, (_, run) =>
      kinds.map((kind) => ({ kind, run })),
    ).flat()
    for (let first = 0; first < all.length; first += rooms) {
      const trials = all.slice(first, first + rooms)
      const results = await runFault(stage, { row, trials, random: this.#random })
      for (const result of results) this.#onResult(result)
    }
  }

  /** Goes on with the running stage if it fits. */
  async #stageFor(row: Row): Promise<Stage> {
    const options = this.#stageOptions(row)
    const running = this.#stage
    if (running && JSON.stringify(running.options) === JSON.stringify(options)) return running
    this[Symbol.dispose]()
    this.#stage = await Stage.start(options)
    return this.#stage
  }

  #stageOptions(row: Row): StageOptions {
    const needed = sidesOf(row)
    const { kinds, browsers, delayMs } = this.#args
    const lan = (row.type === 'matrix' ? row.lan : undefined) ?? null
    return {
      sides: sides.filter((side) => needed.includes(side)),
      families: row.families ?? 'ip4',
      serverFamily: serverFamilyOf(row),
      hasCables: this.#needsCables(row),
      isThrottled: row.type === 'fault' && (row.needs?.includes('throttling') ?? false),
      kinds,
      browsers: row.browsers ?? browsers,
      turnTtlS: (row.type === 'fault' ? row.turnTtlS : undefined) ?? 600,
      delayMs,
      isLanShared: lan !== null,
      localNetwork: lan?.allowed ?? null,
    }
  }

  #needsCables(row: Row): boolean {
    if (this.#args.delayMs > 0) return true
    return row.type === 'fault' && (row.needs?.includes('cables') ?? false)
  }
}

/** The servers are reached over a family that works. */
function serverFamilyOf(row: Row): StageOptions['serverFamily'] {
  if (row.families === 'ip6') return 'ip6'
  return row.type === 'matrix' && row.broken === 'ip4' ? 'ip6' : 'ip4'
}
