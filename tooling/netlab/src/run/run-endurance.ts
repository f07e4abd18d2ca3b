import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Tab } from '../browsers/browser.ts'
import type { EnduranceRow } from '../rows/row.ts'
import type { ServerKind } from '../servers/server-kind.ts'
import type { EnduranceResult, PageSample } from './endurance-result.ts'
import type { Stage } from './stage.ts'

const flowWithinMs = 60_000
const pollMs = 20
/** How often the pages are looked at. */
const sampleCount = 5

export interface EnduranceRun {
  readonly row: EnduranceRow
  readonly kind: ServerKind
  readonly run: number
}

export async function runEndurance(
  stage: Stage,
  { row, kind, run }: EnduranceRun,
): Promise<EnduranceResult> {
  const label = { type: 'endurance', ...stage.label(row, { kind, run }) } as const
  const [a, b] = await Promise.all([stage.openTab('A'), stage.openTab('B')])
  const pages = new Pages(a, b, stage.signalUrl(kind))
  try {
    await pages.repeat(row)
    return { ...label, tookMs: pages.tookMs, samples: pages.samples, error: null }
  } catch (error) {
    return { ...label, tookMs: pages.tookMs, samples: pages.samples, error: String(error) }
  } finally {
    await Promise.allSettled([a.close(), b.close()])
  }
}

/** B stays in the room; A repeats. */
class Pages {
  readonly tookMs: number[] = []
  readonly samples: PageSample[] = []
  readonly #a: Tab
  readonly #b: Tab
  readonly #join: { readonly url: string; readonly room: string }

  constructor(a: Tab, b: Tab, url: string) {
    this.#a = a
    this.#b = b
    this.#join = { url, room: randomUUID() }
  }

  async repeat({ repeats, times }: EnduranceRow): Promise<void> {
    const once = repeats === 'joins' ? () => this.#joinAndLeave() : () => this.#repair()
    await this.#enter(this.#b, 'B')
    if (repeats === 'repairs') {
      await this.#enter(this.#a, 'A')
      await this.#untilFlowing(Date.now())
    }
    await this.#sample(0)
    for (let done = 1; done <= times; done++) {
      await once()
      if (done % Math.ceil(times / sampleCount) === 0) await this.#sample(done)
    }
  }

  async #joinAndLeave(): Promise<void> {
    const since = await this.#enter(this.#a, 'A')
    await this.#untilFlowing(since)
    await this.#a.call('leave')
    while (await this.#b.call('hasPeer', 'A')) await setTimeout(pollMs)
  }

  async #repair(): Promise<void> {
    const since = Date.now()
    await this.#a.call('breakConnections')
    await this.#untilFlowing(since)
  }

  #enter(tab: Tab, name: string): Promise<number> {
    return tab.call('join', { ...this.#join, name, everyMs: 50, isRecorded: false })
  }

  /** Waits for a number on both sides that was sent since then, and notes how long it took. */
  async #untilFlowing(since: number): Promise<void> {
    const isFlowing = async (): Promise<boolean> => {
      const [one, other] = await Promise.all([
        this.#a.call('hasNewFrom', { names: ['B'], since }),
        this.#b.call('hasNewFrom', { names: ['A'], since }),
      ])
      return one && other
    }
    while (!(await isFlowing())) {
      if (Date.now() - since > flowWithinMs) throw new Error('no numbers for 60 s')
      await setTimeout(pollMs)
    }
    this.tookMs.push(Date.now() - since)
  }

  async #sample(repeats: number): Promise<void> {
    for (const [side, tab] of [
      ['A', this.#a],
      ['B', this.#b],
    ] as const) {
      const held = await tab.chromium?.readMemory()
      if (held) this.samples.push({ side, repeats, ...held })
    }
  }
}
