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

/** Whether the present entry of the browser's history is one where the visitor was in a room. */
function wasEntered(): boolean {
  const state: unknown = history.state
  return typeof state === 'object' && state !== null && 'entered' in state
}

/** The current page: start page or room. Kept in the hash, so that any static host works. */
class Route {
  #room = $state(parse(location.hash))
  #isReturn = $state(false)

  constructor() {
    addEventListener('hashchange', () => this.#read())
  }

  /** The room name; `null` on the start page. */
  get room(): string | null {
    return this.#room
  }

  /**
   * Whether Back or Forward led to this room, after the visitor has left it: it does not open by
   * itself. A reload, and Back from another site, do open it.
   */
  get isReturn(): boolean {
    return this.#isReturn
  }

  open(room: string): void {
    location.hash = roomPrefix + encodeURIComponent(room)
  }

  /** The visitor enters the room of this page. */
  enter(): void {
    this.#isReturn = false
    history.replaceState({ entered: true }, '')
  }

  /** Leaves the room: the start page takes its place, so that Back does not lead into it again. */
  home(): void {
    history.replaceState(null, '', '#/')
    this.#read()
  }

  #read(): void {
    this.#room = parse(location.hash)
    this.#isReturn = wasEntered()
  }
}

export const route = new Route()

/** The link to share for a room. */
export const roomLink = (room: string): string =>
  new URL(roomPrefix + encodeURIComponent(room), location.href).href
