import type { PageMemory } from '../browsers/browser.ts'
import type { Label } from './label.ts'

/** What a page held after so many repeats, after its garbage was collected. */
export interface PageSample extends PageMemory {
  readonly side: 'A' | 'B'
  readonly repeats: number
}

/** Something that was repeated many times in one page. */
export interface EnduranceResult extends Label {
  readonly type: 'endurance'
  /** How long each repeat took until numbers flowed both ways. */
  readonly tookMs: readonly number[]
  readonly samples: readonly PageSample[]
  readonly error: string | null
}
