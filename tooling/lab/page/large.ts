import { seededRandom } from '@skein/protocol/testing'

/** The kind and size of a message. */
export interface Large {
  readonly kind: 'bytes' | 'text' | 'blob'
  readonly size: number
}

export type LargeData = string | Uint8Array<ArrayBuffer> | Blob

const mebibyte = 2 ** 20
/** Data is digested in slices of this size, so that no second copy of the whole is needed. */
const sliceBytes = 16 * mebibyte

/** Random bytes, different for each mebibyte. */
const blockOf = (index: number, size: number): Uint8Array<ArrayBuffer> => {
  const random = seededRandom(index)
  const words = new Uint32Array(Math.ceil(size / 4)).map(() => random() * 2 ** 32)
  return new Uint8Array(words.buffer, 0, size)
}

const blocksOf = (size: number): Uint8Array<ArrayBuffer>[] =>
  Array.from({ length: Math.ceil(size / mebibyte) }, (_, index) =>
    blockOf(index, Math.min(mebibyte, size - index * mebibyte)),
  )

/** `size` bytes of UTF-8, with characters of one to four bytes, so that frames split characters. */
const textOf = (size: number): string => {
  const lines: string[] = []
  const words = 'grüße, 雁 🦢\n'.repeat(1_000)
  for (let at = 0, left = size; left > 0; at += 1) {
    const line = `${at} ${words}`
    const bytes = new TextEncoder().encode(line).length
    lines.push(bytes <= left ? line : '.'.repeat(left))
    left -= Math.min(bytes, left)
  }
  return lines.join('')
}

export const makeLarge = ({ kind, size }: Large): LargeData => {
  if (kind === 'text') return textOf(size)
  const blob = new Blob(blocksOf(size))
  if (kind === 'blob') return blob
  const bytes = new Uint8Array(size)
  for (const [index, block] of blocksOf(size).entries()) bytes.set(block, index * mebibyte)
  return bytes
}

const sliceOf = async (data: Blob | Uint8Array<ArrayBuffer>, at: number) =>
  data instanceof Blob
    ? await data.slice(at, at + sliceBytes).arrayBuffer()
    : data.subarray(at, at + sliceBytes)

/** Its type, its size in bytes, and a digest over the digests of its slices. */
export const describeLarge = async (data: LargeData): Promise<readonly string[]> => {
  const content = typeof data === 'string' ? new TextEncoder().encode(data) : data
  const size = content instanceof Blob ? content.size : content.length
  const digests: ArrayBuffer[] = []
  for (let at = 0; at < size; at += sliceBytes) {
    digests.push(await crypto.subtle.digest('SHA-256', await sliceOf(content, at)))
  }
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(digests).arrayBuffer())
  return [Object.prototype.toString.call(data), `${size}`, new Uint8Array(digest).join()]
}
