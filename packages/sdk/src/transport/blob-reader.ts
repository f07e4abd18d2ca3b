import type { Outgoing } from './outgoing.ts'

/** Bytes per read. */
const blockBytes = 1024 * 1024

/** Reads Blobs block by block while they are sent, without blocking other messages. */
export class BlobReader {
  readonly #done: (item: Outgoing, isRead: boolean) => void
  readonly #reading = new Set<Outgoing>()

  /** `done` gets `false` when a Blob could not be read. */
  constructor(done: (item: Outgoing, isRead: boolean) => void) {
    this.#done = done
  }

  /** Reads the next block, unless a read is already in progress. */
  feed(item: Outgoing): void {
    const { body } = item.message
    if (this.#reading.has(item) || !(body instanceof Blob)) return
    this.#reading.add(item)
    const at = item.offset
    const done = (buffer: ArrayBuffer | null) => {
      this.#reading.delete(item)
      if (buffer) item.block = { at, bytes: new Uint8Array(buffer) }
      this.#done(item, buffer !== null)
    }
    const block = body.slice(at, at + blockBytes)
    block.arrayBuffer().then(done, () => done(null))
  }
}
