import { innerWidth } from 'svelte/reactivity/window'
import { loadItem, saveItem } from '../lib/storage.ts'

/** What the desk leaves for the people and the stage, in rem. */
const keptRem = 44
/** As in the media queries of the room: sizes grow from this width on, in pixels. */
const largePx = 1_800

const rootPx = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize)

const asWidth = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null

/** How wide the desk is on a wide screen, in rem; kept on this device. */
export class DeskWidth {
  readonly min = 26
  #chosen = $state(asWidth(loadItem('desk-width')))
  readonly #window = $derived(innerWidth.current ?? 0)
  readonly max = $derived(
    Math.max(this.min, Math.min(40, Math.floor(this.#window / rootPx()) - keptRem)),
  )

  get rem(): number {
    const usual = this.#window < largePx ? 26 : 32
    return Math.min(this.max, Math.max(this.min, this.#chosen ?? usual))
  }

  choose(rem: number): void {
    this.#chosen = Math.min(this.max, Math.max(this.min, Math.round(rem * 4) / 4))
  }

  save(): void {
    saveItem('desk-width', this.#chosen)
  }

  /** Back to the usual width. */
  reset(): void {
    this.#chosen = null
    this.save()
  }

  /** Follows the pointer: the desk is at the end of the line. */
  drag({ clientX, currentTarget }: PointerEvent): void {
    if (!(currentTarget instanceof HTMLElement)) return
    const isLtr = getComputedStyle(currentTarget).direction === 'ltr'
    this.choose((isLtr ? this.#window - clientX : clientX) / rootPx())
  }

  /** Whether `key` changed the width. The handle is before the desk: left makes it wider. */
  press(key: string): boolean {
    const widths: Readonly<Record<string, number>> = {
      ArrowLeft: this.rem + 1,
      ArrowRight: this.rem - 1,
      Home: this.min,
      End: this.max,
    }
    const width = widths[key]
    if (width === undefined) return false
    this.choose(width)
    this.save()
    return true
  }
}
