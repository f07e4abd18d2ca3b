import type { Outgoing } from './outgoing.ts'

/** So much of a Blob is read at once. */
const pieceBytes = 256 * 1024

export interface BlobReaderEvents {
  /** There is more to send. */
  readonly read: () => void
  readonly failed: (item: Outgoing) => void
}

/** Reads Blobs a piece at a time, as their messages go. */
export class BlobReader {
  readonly #events: BlobReaderEvents
  readonly #reading = new Set<Outgoing>()

  constructor(events: BlobReaderEvents) {
    this.#events = events
  }

  read(item: Outgoing): void {
    const { body } = item.message
    if (this.#reading.has(item) || body instanceof Uint8Array) return
    this.#reading.add(item)
    const at = item.offset
    body
      .slice(at, at + pieceBytes)
      .arrayBuffer()
      .then(
        (buffer) => {
          item.block = { at, bytes: new Uint8Array(buffer) }
        },
        () => this.#events.failed(item),
      )
      .finally(() => {
        this.#reading.delete(item)
        this.#events.read()
      })
  }
}
