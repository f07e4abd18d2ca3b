import type { BrowserKind } from '../browsers/browser.ts'
import type { ServerKind } from '../servers/server-kind.ts'

/** Which run of a row a result belongs to, and where the row ran. */
export interface Label {
  readonly row: string
  readonly kind: ServerKind
  readonly run: number
  /** One for each side. */
  readonly browsers: readonly BrowserKind[]
  readonly delayMs: number
}
