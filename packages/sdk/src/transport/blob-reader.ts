import type { Outgoing } from './outgoing.ts'

/** Read at once. */
const blockBytes = 1024 * 1024

/** Reads Blobs piece by piece, as they go; other messages go on meanwhile. */
export class BlobReader {
  readonly #done: (item: Outgoing, isRead: boolean) => void
  readonly #reading = new Set<Outgoing>()

  constructor(done: (item: Outgoing, isRead: boolean) => void) {
    this.#done = done
  }

  /** Reads what goes next, if it is not being read. */
  feed(item: Outgoing): void {
    const { body } = item.message
    if (this.#reading.has(item) || !(body instanceof Blob)) return
    this.#reading.add(item)
    const at = item.offset
    const done = (buffer: ArrayBuffer | null) => {
      this.#reading.delete(item)
      if (buffer) item.load({ at, bytes: new Uint8Array(buffer) })
      this.#done(item, buffer !== null)
    }
    const block = body.slice(at, at + blockBytes)
    block.arrayBuffer().then(done, () => done(null))
  }
}
