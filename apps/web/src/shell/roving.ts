import { on } from 'svelte/events'

/** How far each key moves; the first and the last item are out of every range. */
const steps: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowLeft: -1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

/** Where `key` leads from item `index` of `count`; `null` if it leads nowhere. Arrows go round. */
export function rove(key: string, { index, count }: { index: number; count: number }) {
  const step = steps[key]
  if (step === undefined || count === 0) return null
  if (!Number.isFinite(step)) return step < 0 ? 0 : count - 1
  return (index + step + count) % count
}

const isRightToLeft = (element: Element) => getComputedStyle(element).direction === 'rtl'
const mirrored: Readonly<Record<string, string>> = {
  ArrowLeft: 'ArrowRight',
  ArrowRight: 'ArrowLeft',
}

/** Arrow keys, Home and End move the focus among the elements that match `items`. */
export const roving = (items: string) => (container: Element) =>
  on(container as HTMLElement, 'keydown', (event) => {
    const all = Array.from(container.querySelectorAll<HTMLElement>(items))
    const key = isRightToLeft(container) ? (mirrored[event.key] ?? event.key) : event.key
    const index = all.findIndex((item) => item.matches(':focus'))
    const next = rove(key, { index, count: all.length })
    if (next === null || index < 0) return
    event.preventDefault()
    all[next]?.focus()
  })
