import { m } from '../paraglide/messages.js'
import { type Dye, dyeOf, isDye } from './dyes.ts'
import type { LinkStatus, Peer, RoomView } from './room.svelte.ts'
import { tidyName } from './tidy-name.ts'

/** A member of the room, as shown on the page. */
export interface Person {
  readonly id: Peer['id']
  readonly name: string
  readonly colour: Dye
  readonly isSelf: boolean
  readonly isHost: boolean
  readonly isOnline: boolean
  readonly canHost: boolean
  /** `null` for the visitor's own peer. */
  readonly link: LinkStatus | null
}

/** The name to show for a peer. Presence comes from other peers and is not trusted. */
export const nameOf = (peer: Peer): string => tidyName(peer.presence?.name) || m.unnamed()

export function colourOf(peer: Peer): Dye {
  const colour = peer.presence?.colour
  return isDye(colour) ? colour : dyeOf(peer.id)
}

/** Everyone in join order, which is also the order of succession. Duplicate names are numbered. */
export function peopleIn(view: RoomView): readonly Person[] {
  const peers = [view.self, ...view.others].toSorted((a, b) => a.joinOrder - b.joinOrder)
  const seen = new Map<string, number>()
  return peers.map((peer) => {
    const name = nameOf(peer)
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return {
      id: peer.id,
      name: count === 1 ? name : `${name} ${count}`,
      colour: colourOf(peer),
      isSelf: peer.id === view.self.id,
      isHost: peer.id === view.host,
      isOnline: peer.online,
      canHost: peer.canHost,
      link: peer.link,
    }
  })
}
