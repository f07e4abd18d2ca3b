export interface Point {
  readonly x: number
  readonly y: number
}

export interface Box extends Point {
  readonly width: number
  readonly height: number
}

/** What is drawn at one end of a thread, from the centre of the peer there. */
export interface Obstacle {
  readonly radius: number
  readonly boxes: readonly Box[]
}

/** A thread from one peer to another. */
export interface Span {
  readonly from: Point
  readonly to: Point
  /** Threads sag towards this point. */
  readonly centre: Point
  /** The thread starts and ends outside these. */
  readonly around: { readonly from: Obstacle; readonly to: Obstacle }
}

/** How far a thread sags: 0 is straight, 1 passes near the centre. */
const sag = 0.16
/** Half the thickness of the yarn, and the length of one twist. */
const amplitude = 3.1
const turn = 30
/** Pixels between two points of a polyline, too fine to see. */
const stride = 3

const origin: Point = { x: 0, y: 0 }

/** The point at `t` (0 to 1) on the line between the middles of the two peers. */
export function pointAt({ from, to, centre }: Omit<Span, 'around'>, t: number): Point {
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
  const length = points.length * stride
  const turns = Math.max(1, Math.round(length / turn))
  // A short one would look like a knot.
  const widest = Math.min(amplitude, length / 25)
  const strand = (phase: number) =>
    path(
      points.map((_, index) => {
        const t = index / Math.max(1, points.length - 1)
        const width = widest * Math.sin(Math.PI * t) ** 0.4
        return offsetPoint(points, index, width * Math.sin(Math.PI * turns * t + phase))
      }),
    )
  return [strand(0), strand(Math.PI)]
}

/** The points that lie after everything at the one end, and before everything at the other. */
function samples(span: Span): readonly Point[] {
  const { from, to, around } = span
  const count = Math.max(2, Math.round(Math.hypot(to.x - from.x, to.y - from.y) / stride))
  const points = Array.from({ length: count + 1 }, (_, index) => pointAt(span, index / count))
  const half = points.length / 2
  const first = points.findLastIndex(
    (point, index) => index <= half && isInside(around.from, from, point),
  )
  const last = points.findIndex((point, index) => index >= half && isInside(around.to, to, point))
  const free = points.slice(first + 1, last < 0 ? points.length : last)
  return free.length < 2 ? [] : free
}

function isInside({ radius, boxes }: Obstacle, peer: Point, point: Point): boolean {
  const [x, y] = [point.x - peer.x, point.y - peer.y]
  if (Math.hypot(x, y) < radius) return true
  return boxes.some(
    (box) => x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height,
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
