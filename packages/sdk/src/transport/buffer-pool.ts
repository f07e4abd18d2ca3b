/** A larger pool would not help: acknowledgements free buffers about as fast as sends take them. */
const maxPooled = 8

/**
 * Buffers of acknowledged messages, the most recent last. Allocating a buffer for each copy takes
 * longer than copying, and adds up to 30 MiB until garbage collection. The collector may empty the
 * pool at any time.
 */
let bufferPool: WeakRef<ArrayBufferLike[]> = new WeakRef([])

/** Copies into a pooled buffer, or a new one. A pooled buffer that is too small is discarded. */
export const acquireCopy = (bytes: Uint8Array): Uint8Array => {
  const buffer = bufferPool.deref()?.pop()
  if (!buffer || buffer.byteLength < bytes.length) return bytes.slice()
  const copy = new Uint8Array(buffer, 0, bytes.length)
  copy.set(bytes)
  return copy
}

/** Bytes that several peers may still need. */
export interface SharedBody {
  readonly body: Uint8Array | Blob
  /** The number of peers that may still need the pooled copy; Infinity if it is not pooled. */
  holders: number
}

/** Drops one holder of the body; the last one returns its buffer to the pool. */
export const release = (shared: SharedBody): void => {
  shared.holders -= 1
  if (shared.holders !== 0 || shared.body instanceof Blob) return
  bufferPool = new WeakRef([...(bufferPool.deref() ?? []), shared.body.buffer].slice(-maxPooled))
}
