import type { Point } from './thread-path.ts'

/** The area of the graph in CSS pixels. Its centre is at 0, 0. */
export interface Space {
  readonly width: number
  readonly height: number
}

export type Places = Readonly<Record<string, Point>>

export interface Layout {
  readonly places: Places
  /** The radius of a peer's disc. */
  readonly radius: number
  /** Threads sag towards this point. */
  readonly centre: Point
}

interface Wanted {
  /** In join order. */
  readonly ids: readonly string[]
  readonly self: string
  readonly space: Space
  /** The height of a label. */
  readonly lineHeight: number
  /** The width of the longest label. */
  readonly longest: number
}

/** Between a disc, its crown and its label. */
const air = 4
/** The line around the own disc. */
const ring = 6
const radii = { min: 11, max: 56 } as const

/** The height of the crown on a disc of this radius. */
export const crownHeight = (radius: number): number => 22 * crownScale(radius)

export const crownScale = (radius: number): number => clamp(radius / 31, { min: 0.55, max: 1.25 })

/**
 * Places `ids` clockwise on an ellipse that fills the space, with `self` at the bottom, so that
 * labels and a crown fit in beside each disc. A single peer is placed in the middle.
 */
export function layOut(wanted: Wanted): Layout {
  const { ids, self, space } = wanted
  const largest = clamp(0.055 * Math.min(space.width, space.height) + 6, radii)
  const { centre, axes } = ellipseIn(wanted, largest)
  if (ids.length === 1) return { places: { [self]: centre }, radius: largest, centre }
  const { points, stride } = pointsOn(axes, ids.length)
  const radius = clamp(0.25 * stride, { min: radii.min, max: largest })
  const mine = Math.max(0, ids.indexOf(self))
  const places = ids.map((id, index) => {
    const point = points[(index - mine + ids.length) % ids.length] ?? centre
    return [id, { x: centre.x + point.x, y: centre.y + point.y }] as const
  })
  return { places: Object.fromEntries(places), radius, centre }
}

function ellipseIn({ space, lineHeight, longest }: Wanted, radius: number) {
  const above = radius + air + crownHeight(radius) + lineHeight + air
  const below = radius + ring + lineHeight + air
  const mostBeside = Math.max(radius + 2 * air, Math.min(0.16 * space.width, 110))
  const beside = clamp(longest / 2 + air, { min: radius + 2 * air, max: mostBeside })
  const y = Math.max(0, (space.height - above - below) / 2)
  const x = clamp(space.width / 2 - beside, { min: 0, max: 3.5 * y })
  return { centre: { x: 0, y: (above - below) / 2 }, axes: { x, y: Math.min(y, 1.15 * x) } }
}

/** Fine enough for places that are right to a pixel. */
const steps = 720

/** Points at equal distances along an ellipse, clockwise from its lowest. */
function pointsOn(axes: Point, count: number) {
  const at = (step: number): Point => {
    const angle = Math.PI / 2 + (step / steps) * 2 * Math.PI
    return { x: Math.cos(angle) * axes.x, y: Math.sin(angle) * axes.y }
  }
  const lengths = [0]
  for (let step = 1; step <= steps; step += 1) {
    const [before, now] = [at(step - 1), at(step)]
    lengths.push((lengths.at(-1) ?? 0) + Math.hypot(now.x - before.x, now.y - before.y))
  }
  const stride = (lengths.at(-1) ?? 0) / count
  const points = Array.from({ length: count }, (_, index) =>
    at(
      Math.max(
        0,
        lengths.findIndex((length) => length >= index * stride - 1e-6),
      ),
    ),
  )
  return { points, stride }
}

/** Interpolates between two layouts. A new peer starts at its final place. */
export function between(from: Places, to: Places): (t: number) => Places {
  return (t) =>
    Object.fromEntries(
      Object.entries(to).map(([id, end]) => {
        const start = from[id] ?? end
        const point = { x: start.x + (end.x - start.x) * t, y: start.y + (end.y - start.y) * t }
        return [id, point]
      }),
    )
}

/** Whether both layouts place the same peers, so that only the space has changed. */
export const hasSamePeers = (one: Places, other: Places): boolean =>
  Object.keys(one).join(' ') === Object.keys(other).join(' ')

const clamp = (value: number, { min, max }: { readonly min: number; readonly max: number }) =>
  Math.max(min, Math.min(max, value))
