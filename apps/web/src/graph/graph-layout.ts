import type { Point } from './thread-path.ts'

/** The size of the graph in its own units, with the centre at 0, 0. */
export const picture = { width: 560, height: 500 } as const

export type Layout = Readonly<Record<string, Point>>

/** The radius of a peer's disc, smaller in a larger room. */
export function discRadius(count: number): number {
  if (count <= 6) return 31
  if (count <= 10) return 25
  return count <= 16 ? 20 : 13
}

/**
 * Places `ids` (in join order) clockwise on a circle, with `self` at the bottom.
 * A single peer is placed in the middle.
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

/** The factor that keeps text at about the same size on screen, however large the graph is. */
export function letterScale(drawn: { readonly width: number; readonly height: number }): number {
  const scale = Math.min(drawn.width / picture.width, drawn.height / picture.height, 1.35)
  return scale > 0 ? Math.min(1 / scale, 1.75) : 1
}

/** Interpolates between two layouts. A new peer starts at its final place. */
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
