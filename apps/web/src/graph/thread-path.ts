export interface Point {
  readonly x: number
  readonly y: number
}

/** A thread from one peer to another. */
export interface Span {
  readonly from: Point
  readonly to: Point
  /** Threads sag towards this point. */
  readonly centre: Point
  /** Space left at both ends, in graph units. */
  readonly gap: number
}

/** How far a thread sags: 0 is straight, 1 passes near the centre. */
const sag = 0.16
/** Half the thickness of the yarn, and the length of one twist. */
const amplitude = 3.1
const turn = 30
/** Graph units between two points of a polyline, too fine to see. */
const stride = 3

const origin: Point = { x: 0, y: 0 }

/** The point at `t` (0 to 1) on the thread's middle line. */
export function pointAt({ from, to, centre }: Span, t: number): Point {
  const control = {
    x: ((from.x + to.x) / 2) * (1 - sag) + centre.x * sag,
    y: ((from.y + to.y) / 2) * (1 - sag) + centre.y * sag,
  }
  const along = (a: number, b: number, c: number) =>
    (1 - t) ** 2 * a + 2 * (1 - t) * t * b + t ** 2 * c
  return { x: along(from.x, control.x, to.x), y: along(from.y, control.y, to.y) }
}

/** The middle line of a thread, as the `d` of a path. */
export function line(span: Span): string {
  return path(samples(span))
}

/** Two strands twisted around each other, as the `d` of two paths. */
export function twist(span: Span): readonly [string, string] {
  const points = samples(span)
  const turns = Math.max(2, Math.round((points.length * stride) / turn))
  const strand = (phase: number) =>
    path(
      points.map((_, index) => {
        const t = index / Math.max(1, points.length - 1)
        const width = amplitude * Math.sin(Math.PI * t) ** 0.4
        return offsetPoint(points, index, width * Math.sin(Math.PI * turns * t + phase))
      }),
    )
  return [strand(0), strand(Math.PI)]
}

function samples(span: Span): readonly Point[] {
  const length = Math.hypot(span.to.x - span.from.x, span.to.y - span.from.y)
  if (length <= 2 * span.gap) return []
  const count = Math.max(2, Math.round((length - 2 * span.gap) / stride))
  const first = span.gap / length
  return Array.from({ length: count + 1 }, (_, index) =>
    pointAt(span, first + (index / count) * (1 - 2 * first)),
  )
}

/** The point at `index`, moved perpendicular to the line by `distance`. */
function offsetPoint(points: readonly Point[], index: number, distance: number): Point {
  const point = points[index] ?? origin
  const before = points[index - 1] ?? point
  const after = points[index + 1] ?? point
  const [dx, dy] = [after.x - before.x, after.y - before.y]
  const length = Math.hypot(dx, dy) || 1
  return { x: point.x - (dy / length) * distance, y: point.y + (dx / length) * distance }
}

const path = (points: readonly Point[]): string =>
  points
    .map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('')
