/** What arrived is gathered in blocks of this size, so that memory follows the bytes, not a claim. */
export const blockBytes: number = 1024 * 1024

/** The part of a message that goes next: what is left of it, as far as there is room. */
export const nextChunk = (
  { size, offset }: { readonly size: number; readonly offset: number },
  room: number,
): { readonly end: number; readonly isLast: boolean } => {
  const end = Math.min(size, offset + Math.max(0, room))
  return { end, isLast: end === size }
}

/**
 * Puts the pieces of one message together. It copies, for a piece is a view of a whole frame; a
 * peer that sends single bytes thus fills no more memory than it sent.
 */
export class Joiner<Block> {
  size = 0
  readonly #blocks: Block[] = []
  readonly #seal: (block: Uint8Array<ArrayBuffer>) => Block
  #open: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  #used = 0

  /** `seal` is called with each full block, and with the rest at the end. */
  constructor(seal: (block: Uint8Array<ArrayBuffer>) => Block) {
    this.#seal = seal
  }

  append(piece: Uint8Array): void {
    this.size += piece.length
    let done = 0
    while (done < piece.length) {
      if (this.#used === this.#open.length) this.#grow(piece.length - done)
      const part = piece.subarray(done, done + this.#open.length - this.#used)
      this.#open.set(part, this.#used)
      this.#used += part.length
      done += part.length
      if (this.#used === blockBytes) this.#close()
    }
  }

  finish(): Block[] {
    if (this.#used > 0) this.#close()
    return this.#blocks
  }

  /** Twice the size each time, up to a whole block. */
  #grow(bytes: number): void {
    const length = Math.min(blockBytes, Math.max(this.#used + bytes, this.#used * 2))
    const wider = new Uint8Array(length)
    wider.set(this.#open.subarray(0, this.#used))
    this.#open = wider
  }

  #close(): void {
    this.#blocks.push(this.#seal(this.#open.subarray(0, this.#used)))
    this.#open = new Uint8Array(0)
    this.#used = 0
  }
}
