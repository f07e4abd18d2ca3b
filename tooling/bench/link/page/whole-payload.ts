export type WholeKind = 'bytes' | 'text' | 'blob'
export type Whole = Uint8Array<ArrayBuffer> | string | Blob

export interface WholeSize {
  readonly kind: WholeKind
  readonly bytes: number
}

/** A message of this many bytes (of UTF-8, for text) in which no two places look the same. */
export const makeWhole = ({ kind, bytes }: WholeSize): Whole => {
  switch (kind) {
    case 'bytes':
      return makeBytes(bytes)
    case 'text':
      return makeText(bytes)
    case 'blob':
      return makeBlob(bytes)
  }
}

const blockBytes = 64 * 1024

const makeBytes = (bytes: number): Uint8Array<ArrayBuffer> => {
  const made = new Uint8Array(bytes)
  const block = crypto.getRandomValues(new Uint8Array(Math.min(bytes, blockBytes)))
  for (let at = 0; at < bytes; at += blockBytes) {
    made.set(block.subarray(0, bytes - at), at)
    if (bytes - at >= 4) new DataView(made.buffer).setUint32(at, at)
  }
  return made
}

const lineBytes = 1_024

/** Lines of 1 KiB, each with its number and one two-byte character. */
const makeText = (bytes: number): string => {
  const filler = 'skein '.repeat(lineBytes).slice(0, lineBytes - 13)
  const lines = Array.from(
    { length: bytes / lineBytes },
    (_, line) => `${String(line).padStart(10, '0')}é${filler}\n`,
  )
  return lines.join('')
}

const partBytes = 16 * 1024 * 1024
const markBytes = 8

/** Built from parts that differ only in their mark, so that it does not have to be in memory. */
const makeBlob = (bytes: number): Blob => {
  const part = new Blob([makeBytes(partBytes - markBytes)])
  const parts = Array.from({ length: bytes / partBytes }, (_, number) => [
    new BigUint64Array([BigInt(number)]),
    part,
  ])
  return new Blob(parts.flat())
}

/** Equal at both ends exactly when the messages are equal. */
export const digestOf = async (whole: Whole): Promise<string> => {
  const blob = whole instanceof Blob ? whole : new Blob([whole])
  const digests: string[] = []
  for (let at = 0; at < blob.size; at += partBytes) {
    const bytes = await blob.slice(at, at + partBytes).arrayBuffer()
    digests.push(hex(await crypto.subtle.digest('SHA-256', bytes)))
  }
  return `${typeof whole} of ${blob.size} bytes ${digests.join(' ')}`
}

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
