/** Sends and receives messages. */
export interface Transport {
  /** A promise is back-pressure: await it before the next message. */
  readonly send: (data: Uint8Array<ArrayBuffer>) => Promise<void> | undefined
  /** The latest listener gets all messages, including those that arrived before it was set. */
  readonly listen: (listener: Listener) => void
}

export type Listener = (data: Uint8Array) => void

/** An open link between the two pages. */
export interface Connection extends Transport {
  /** A second transport, as this contestant offers it. Both pages ask for it at the same time. */
  readonly side: () => Promise<Transport>
  readonly close: () => Promise<void> | void
}

/** What a page needs to find the other page. */
export interface PairSetup {
  /** The waiting page is in the room first; the joining page opens the link. */
  readonly role: 'waiting' | 'joining'
  readonly room: string
  readonly servers: Servers
}

/** What a page needs to find all other pages. */
export interface MeshSetup {
  readonly room: string
  readonly servers: Servers
  /** How many pages join, and the index of this one. */
  readonly count: number
  readonly index: number
}

export interface Servers {
  /** Skein's signaling server, used by the SDK, raw and simple-peer. */
  readonly skein: string
  /** The PeerJS server. */
  readonly peerjsPort: number
  /** A topic relay, for trystero. */
  readonly topics: string
}

export interface Contestant {
  /** Resolves when the other page can find this one; `opened` when both can send. */
  readonly enter: (setup: PairSetup) => Promise<{ readonly opened: Promise<Connection> }>
  /** Resolves when this page has a link to every other; returns a function that leaves. */
  readonly joinMesh: (setup: MeshSetup) => Promise<() => Promise<void> | void>
  /** The message size that it sends fastest, where messages may be of any size. */
  readonly bestMessageBytes?: number
  /** Whether a buffer may be reused once `send` has resolved. */
  readonly mayReuse: boolean
}

/** Holds messages that arrive before there is a listener. */
export class MessageBuffer {
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
