import type { Point } from './thread-path.ts'

/** The picture's size in its own units; its centre is 0, 0. */
export const picture = { width: 560, height: 500 } as const

export type Layout = Readonly<Record<string, Point>>

/** The radius of a peer's disc: smaller as the room fills. */
export function discRadius(count: number): number {
  if (count <= 6) return 31
  if (count <= 10) return 25
  return count <= 16 ? 20 : 13
}

/**
 * Places `ids` (in join order) on a circle, myself at the bottom, the order running clockwise.
 * Alone, I am in the middle.
 */
export function layOut(ids: readonly string[], self: string): Layout {
  if (ids.length === 1) return { [self]: { x: 0, y: -6 } }
  const mine = Math.max(0, ids.indexOf(self))
  const places = ids.map((id, index) => {
    const angle = Math.PI / 2 + ((index - mine) / ids.length) * 2 * Math.PI
    const radius = { x: ids.length === 2 ? 150 : 205, y: ids.length === 2 ? 150 : 180 }
    return [id, { x: Math.cos(angle) * radius.x, y: Math.sin(angle) * radius.y - 8 }] as const
  })
  return Object.fromEntries(places)
}

/** What keeps letters at one size on the screen, however large the picture is drawn. */
export function letterScale(drawn: { readonly width: number; readonly height: number }): number {
  const scale = Math.min(drawn.width / picture.width, drawn.height / picture.height, 1.35)
  return scale > 0 ? Math.min(1 / scale, 1.75) : 1
}

/** Between two layouts; whoever is new stands at once where they belong. */
export function between(from: Layout, to: Layout): (t: number) => Layout {
  return (t) =>
    Object.fromEntries(
      Object.entries(to).map(([id, end]) => {
        const start = from[id] ?? end
        const point = { x: start.x + (end.x - start.x) * t, y: start.y + (end.y - start.y) * t }
        return [id, point]
      }),
    )
}
