/** Splits a message that is too large for one `send`: its size as text, then pieces. */
export const inPieces = function* (
  data: Uint8Array<ArrayBuffer>,
  pieceBytes: number,
): Generator<string | Uint8Array<ArrayBuffer>> {
  if (data.length <= pieceBytes) yield data
  else {
    yield String(data.length)
    for (let at = 0; at < data.length; at += pieceBytes) yield data.subarray(at, at + pieceBytes)
  }
}

/** Reassembles messages. */
export class Whole {
  #whole: Uint8Array | null = null
  #filled = 0

  /** Returns a message once it is complete. */
  take(data: string | Uint8Array): Uint8Array | null {
    if (typeof data === 'string') {
      this.#whole = new Uint8Array(Number(data))
      this.#filled = 0
      return null
    }
    if (this.#whole === null) return data
    this.#whole.set(data, this.#filled)
    this.#filled += data.length
    if (this.#filled < this.#whole.length) return null
    const whole = this.#whole
    this.#whole = null
    return whole
  }
}

/** The data of a channel message, as text or bytes. */
export const contentOf = (data: string | ArrayBuffer): string | Uint8Array =>
  typeof data === 'string' ? data : new Uint8Array(data)
