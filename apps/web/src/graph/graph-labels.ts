import { crownHeight, type Layout, type Space } from './graph-layout.ts'
import type { Box, Obstacle, Point } from './thread-path.ts'

/** A peer whose name is shown. */
export interface Labelled {
  readonly id: string
  readonly isHost: boolean
  readonly isSelf: boolean
  /** The width of the whole label. */
  readonly wanted: number
}

/** Where a label is, from the centre of its disc, and how wide. */
export interface Label {
  readonly y: number
  readonly width: number
}

interface Scene {
  readonly layout: Layout
  readonly space: Space
  readonly lineHeight: number
  readonly peers: readonly Labelled[]
}

/** Between a label and what is beside it. */
const gap = 8
/** A name that gets less is not shown at all. */
const least = 36

/** The label of each peer that has room for one: as wide as its name, or as the space allows. */
export function labelsIn(scene: Scene): Readonly<Record<string, Label>> {
  const placed = scene.peers.flatMap((peer) => place(peer, scene))
  const labels = placed.flatMap((one) => {
    const limits = placed.map((other) => (one === other ? one.wanted : limitBy(one, other, scene)))
    const edge = scene.space.width - 2 * Math.abs(one.at.x)
    const width = Math.min(one.wanted, edge, ...limits)
    const isShown = width >= Math.min(one.wanted, least)
    return isShown ? [[one.id, { y: one.y - one.at.y, width }] as const] : []
  })
  return Object.fromEntries(labels)
}

interface Placed extends Labelled {
  readonly at: Point
  /** The middle of the label. */
  readonly y: number
}

/** On the outer side, away from the threads. */
function place(peer: Labelled, { layout, lineHeight, space }: Scene): readonly Placed[] {
  const at = layout.places[peer.id]
  if (at === undefined) return []
  const { radius, centre } = layout
  const isAbove = at.y < centre.y - space.height / 10
  const crown = peer.isHost ? crownHeight(radius) + 2 : 0
  const above = at.y - radius - crown - 4 - lineHeight / 2
  const below = at.y + radius + (peer.isSelf ? 6 : 2) + lineHeight / 2
  return [{ ...peer, at, y: isAbove ? above : below }]
}

/** How wide the label of `one` may be because of the disc and the label of `other`. */
function limitBy(one: Placed, other: Placed, { layout, lineHeight }: Scene): number {
  const apart = Math.abs(one.at.x - other.at.x)
  const limits = [one.wanted]
  const { radius } = layout
  const top = other.at.y - radius - (other.isHost ? crownHeight(radius) : 0)
  if (one.y + lineHeight / 2 > top && one.y - lineHeight / 2 < other.at.y + radius) {
    limits.push(2 * (apart - radius - gap / 2))
  }
  // What a short name leaves, the other one gets.
  if (Math.abs(one.y - other.y) < lineHeight) {
    limits.push(2 * (apart - gap) - Math.min(other.wanted, apart - gap))
  }
  return Math.min(...limits)
}

/** What threads keep clear of at one end: disc, crown and label. */
export function obstacleOf(peer: Labelled, { layout, lineHeight, label }: Clearance): Obstacle {
  const { radius } = layout
  const boxes: Box[] = []
  if (label !== undefined) {
    const [width, height] = [label.width + gap, lineHeight]
    boxes.push({ x: -width / 2, y: label.y - height / 2, width, height })
  }
  if (peer.isHost) {
    const height = crownHeight(radius) + gap
    const width = 1.6 * height
    boxes.push({ x: -width / 2, y: -radius - height, width, height })
  }
  return { radius: radius + gap + (peer.isSelf ? 2 : 0), boxes }
}

interface Clearance {
  readonly layout: Layout
  readonly lineHeight: number
  readonly label: Label | undefined
}
