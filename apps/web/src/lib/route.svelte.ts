import { on } from 'svelte/events'
import { createSubscriber } from 'svelte/reactivity'

const roomPrefix = '#/r/'

function parse(hash: string): string | null {
  if (!hash.startsWith(roomPrefix)) return null
  const encoded = hash.slice(roomPrefix.length)
  try {
    return decodeURIComponent(encoded) || null
  } catch {
    // A stray percent sign, typed by hand: take the name literally.
    return encoded
  }
}

/** The current page: start page or room. Kept in the hash, so that any static host works. */
class Route {
  readonly #subscribe = createSubscriber((update) => on(window, 'hashchange', update))

  /** The room name; `null` on the start page. */
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

/** The link to share for a room. */
export const roomLink = (room: string): string =>
  new URL(roomPrefix + encodeURIComponent(room), location.href).href
