import { on } from 'svelte/events'
import { createSubscriber } from 'svelte/reactivity'

const roomPrefix = '#/r/'

function parse(hash: string): string | null {
  if (!hash.startsWith(roomPrefix)) return null
  const encoded = hash.slice(roomPrefix.length)
  try {
    return decodeURIComponent(encoded) || null
  } catch {
    // A stray percent sign, typed by hand: the name is meant as it stands.
    return encoded
  }
}

/** Where we are: at the start, or in a room. Lives in the hash, so that any static host will do. */
class Route {
  readonly #subscribe = createSubscriber((update) => on(window, 'hashchange', update))

  /** The room's name; `null` at the start. */
  get room(): string | null {
    this.#subscribe()
    return parse(location.hash)
  }

  open(room: string): void {
    location.hash = roomPrefix + encodeURIComponent(room)
  }

  home(): void {
    location.hash = '#/'
  }
}

export const route = new Route()

/** The address that brings someone else into the room. */
export const roomLink = (room: string): string =>
  new URL(roomPrefix + encodeURIComponent(room), location.href).href
