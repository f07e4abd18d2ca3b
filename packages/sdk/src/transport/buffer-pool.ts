/** More would be of no use: what has arrived makes room for as much, so they come and go in turns. */
const maxPooled = 8

/**
 * Memory of messages that have arrived, the latest last. Fresh memory for each copy takes longer than
 * copying, and adds up to 30 MiB until the collector comes. What is spare it may take at any time.
 */
let bufferPool: WeakRef<ArrayBufferLike[]> = new WeakRef([])

/** A copy, in memory that has served before if it is large enough; else that goes: larger stays. */
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
  /** Peers that may still need the copy; Infinity for what is not pooled. */
  holders: number
}

/** One of those who held the bytes needs them no more. */
export const release = (payload: SharedBody): void => {
  payload.holders -= 1
  if (payload.holders !== 0 || payload.body instanceof Blob) return
  bufferPool = new WeakRef([...(bufferPool.deref() ?? []), payload.body.buffer].slice(-maxPooled))
}
