import { cubicOut } from 'svelte/easing'
import { prefersReducedMotion, Tween } from 'svelte/motion'
import type { RoomView } from '../lib/room.svelte.ts'
import { m } from '../paraglide/messages.js'
import type { RoomModel } from '../room/room-model.svelte.ts'
import { type Labelled, labelsIn, obstacleOf } from './graph-labels.ts'
import { between, hasSamePeers, layOut, type Places } from './graph-layout.ts'
import type { TextSize } from './text-width.ts'
import type { Obstacle } from './thread-path.ts'

interface Props {
  readonly model: RoomModel
  readonly view: RoomView
}

/** Between a name and the word "you", and beside both. */
const besideYou = 6
const padding = 6
const nowhere: Obstacle = { radius: 0, boxes: [] }

/**
 * Where everything in the graph is. All of it derives from text: round trips change the room's
 * people several times a minute, and an idle room draws nothing.
 */
export class GraphPicture {
  readonly space = $state({ width: 0, height: 0 })
  /** `null` until the graph is in the page. */
  text = $state.raw<TextSize | null>(null)
  readonly #props: () => Props

  readonly #self = $derived.by(() => this.#props().view.self.id)
  readonly #idList = $derived.by(() => idsOf(this.#props().model).join(' '))
  readonly #peerList = $derived.by(() => this.#describe(this.#props().model))
  readonly #peers: readonly Labelled[] = $derived(JSON.parse(this.#peerList))
  readonly #longest = $derived(Math.max(0, ...this.#peers.map(({ wanted }) => wanted)))
  readonly lineHeight = $derived(this.text?.lineHeight ?? 0)

  readonly layout = $derived(
    layOut({
      ids: this.#idList.split(' '),
      self: this.#self,
      space: this.space,
      lineHeight: this.lineHeight,
      longest: this.#longest,
    }),
  )
  readonly labels = $derived(labelsIn({ ...this.#scene(), peers: this.#peers }))
  readonly #obstacles: ReadonlyMap<string, Obstacle> = $derived(
    new Map(
      this.#peers.map((peer) => [
        peer.id,
        obstacleOf(peer, { ...this.#scene(), label: this.labels[peer.id] }),
      ]),
    ),
  )
  readonly #places: Tween<Places>

  constructor(props: () => Props) {
    this.#props = props
    this.#places = Tween.of(() => this.layout.places, {
      duration: (from, to) => (prefersReducedMotion.current || hasSamePeers(from, to) ? 0 : 600),
      easing: cubicOut,
      interpolate: between,
    })
  }

  /** Where each peer is now, on its way to its place in `layout`. */
  get places(): Places {
    return this.#places.current
  }

  get isDetailed(): boolean {
    return this.#peers.length <= 5
  }

  /** What threads keep clear of at this peer. */
  around(id: string): Obstacle {
    return this.#obstacles.get(id) ?? nowhere
  }

  #scene() {
    return { layout: this.layout, space: this.space, lineHeight: this.lineHeight }
  }

  #describe({ people }: RoomModel): string {
    const widthOf = this.text?.widthOf ?? (() => 0)
    const you = besideYou + widthOf(m.you())
    const peers = people.map(({ id, name, isHost, isSelf }): Labelled => {
      const wanted = widthOf(name) + 2 * padding + (isSelf ? you : 0)
      return { id, isHost, isSelf, wanted }
    })
    return JSON.stringify(peers)
  }
}

const idsOf = ({ people }: RoomModel) => people.map(({ id }) => id)
