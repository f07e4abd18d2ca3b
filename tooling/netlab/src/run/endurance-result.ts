import type { BrowserKind } from '../browsers/browser.ts'
import type { ServerKind } from '../servers/server-kind.ts'

/** What a page held after so many repeats, after its garbage was collected. */
export interface PageSample {
  readonly side: 'A' | 'B'
  readonly repeats: number
  readonly connections: number
  readonly listeners: number
  readonly heapKb: number
}

/** Something that was repeated many times in one page. */
export interface EnduranceResult {
  readonly type: 'endurance'
  readonly row: string
  readonly kind: ServerKind
  readonly run: number
  readonly browsers: readonly BrowserKind[]
  readonly delayMs: number
  /** How long each repeat took until numbers flowed both ways. */
  readonly tookMs: readonly number[]
  readonly samples: readonly PageSample[]
  readonly error: string | null
}
