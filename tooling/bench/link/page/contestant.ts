/** One way to get messages across. */
export interface Pipe {
  /** A promise is back-pressure: it is awaited before the next message. */
  readonly send: (data: Uint8Array<ArrayBuffer>) => Promise<void> | undefined
  /** The latest listener gets what comes, and what came before anybody listened. */
  readonly listen: (listener: Listener) => void
}

export type Listener = (data: Uint8Array) => void

/** An open link between the two pages. */
export interface Connection extends Pipe {
  /** A second way beside the first, as this contestant has it. Both pages ask for it at once. */
  readonly side: () => Promise<Pipe>
  readonly close: () => Promise<void> | void
}

/** What a page is given to find the other. */
export interface Meeting {
  /** Who waits is in the room first; who joins begins the link. */
  readonly role: 'waiting' | 'joining'
  readonly room: string
  readonly servers: Servers
}

/** What a page is given to find all others. */
export interface Gathering {
  readonly room: string
  readonly servers: Servers
  /** How many come, and which of them this is. */
  readonly count: number
  readonly index: number
}

export interface Servers {
  /** Skein's signaling server: the SDK, raw and simple-peer use it. */
  readonly skein: string
  /** The server that peerjs needs. */
  readonly peerjsPort: number
  /** A relay by topic, for trystero. */
  readonly topics: string
}

export interface Contestant {
  /** Resolves when the page is where the other can find it; `opened` when both can talk. */
  readonly enter: (meeting: Meeting) => Promise<{ readonly opened: Promise<Connection> }>
  /** Resolves when this page has a link to each of the others; gives the way out. */
  readonly gather: (gathering: Gathering) => Promise<() => Promise<void> | void>
  /** What it sends fastest, where a message may be of any size. */
  readonly bestMessageBytes?: number
  /** A buffer may be used again when `send` has resolved. */
  readonly mayReuse: boolean
}

/** Holds what comes before anybody listens. */
export class Inbox {
  readonly #held: Uint8Array[] = []
  #listener: Listener | null = null

  readonly take = (data: Uint8Array): void => {
    if (this.#listener) this.#listener(data)
    else this.#held.push(data)
  }

  readonly listen = (listener: Listener): void => {
    this.#listener = listener
    for (const data of this.#held.splice(0)) listener(data)
  }
}
