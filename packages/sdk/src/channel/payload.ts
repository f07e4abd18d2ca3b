import { SkeinError } from '../errors.ts'

/** A message as bytes. `head` says what a Blob or File is beside its bytes. */
export interface Payload {
  readonly kind: number
  readonly head: Uint8Array | null
  readonly body: Uint8Array | Blob
  readonly size: number
}

const mebibyte = 2 ** 20
const maxTextBytes = 64 * mebibyte
const maxBinaryBytes = 256 * mebibyte
const maxBlobBytes = 1024 * mebibyte

/** Name, type and date of a File fit in any frame. */
export const maxHeadBytes = 1024

/** Smaller buffers are copied, so that they may be used again at once. */
const copyBytes = 64 * 1024

/** The place in this list is the kind on the wire. The first two are no classes. */
const kinds = [
  'text',
  'json',
  'ArrayBuffer',
  'DataView',
  'Blob',
  'File',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array',
]
const [text, json, arrayBuffer, , blob, file] = kinds.keys()

/** Whether the bytes of this kind may stay outside of memory. */
export const isBlobKind = (kind: number): boolean => kind === blob || kind === file

/** Throws `bad-argument` for what cannot be sent and `too-large` for what is beyond any limit. */
export const encodePayload = (data: unknown): Payload => {
  if (data instanceof Blob) return encodeBlob(data)
  if (data instanceof ArrayBuffer) return encodeBinary('ArrayBuffer', new Uint8Array(data))
  if (ArrayBuffer.isView(data)) {
    const view = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    return encodeBinary(Object.prototype.toString.call(data).slice(8, -1), view)
  }
  if (typeof data === 'string') return encodeText(text, data)
  return encodeText(json, toJson(data))
}

const toJson = (data: unknown): string => {
  let words: string | undefined
  let cause: unknown
  try {
    words = JSON.stringify(data)
  } catch (error) {
    cause = error
  }
  if (words !== undefined) return words
  throw new SkeinError('bad-argument', { message: 'data: neither JSON nor bytes', cause })
}

const encodeText = (kind = 0, words: string): Payload =>
  limited({ kind, head: null, body: new TextEncoder().encode(words) }, maxTextBytes)

const encodeBinary = (kind: string, view: Uint8Array): Payload => {
  const body = view.length <= copyBytes ? view.slice() : view
  return limited({ kind: kinds.indexOf(kind), head: null, body }, maxBinaryBytes)
}

const encodeBlob = (body: Blob): Payload => {
  const isFile = typeof File === 'function' && body instanceof File
  const { type } = body
  const about = isFile ? { type, name: body.name, lastModified: body.lastModified } : { type }
  const head = new TextEncoder().encode(JSON.stringify(about))
  if (head.length > maxHeadBytes) {
    throw new SkeinError('bad-argument', { message: 'data: its name and type are too long' })
  }
  return limited({ kind: (isFile ? file : blob) ?? 0, head, body }, maxBlobBytes)
}

const limited = (payload: Omit<Payload, 'size'>, maxBytes: number): Payload => {
  const { body } = payload
  const size = body instanceof Uint8Array ? body.length : body.size
  if (size > maxBytes) throw new SkeinError('too-large', { message: `more than ${maxBytes} bytes` })
  return { ...payload, size }
}

/** What arrived, as the other side had it. Throws when it is not what its kind says. */
export const decodePayload = ({ kind, head, blocks }: Arrived): unknown => {
  if (isBlobKind(kind)) return decodeBlob({ kind, head, blocks })
  const bytes = join(blocks.filter((block) => block instanceof Uint8Array))
  if (kind === text || kind === json) {
    const words = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return kind === text ? words : JSON.parse(words)
  }
  if (kind === arrayBuffer) return bytes.buffer
  const make: unknown = Reflect.get(globalThis, kinds[kind] ?? '')
  if (typeof make !== 'function') throw new TypeError(`kind ${kind}`)
  return Reflect.construct(make, [bytes.buffer])
}

/** A message whose bytes are all there. Blocks of a Blob may be Blobs. */
export interface Arrived {
  readonly kind: number
  readonly head: Uint8Array
  readonly blocks: readonly (Uint8Array<ArrayBuffer> | Blob)[]
}

const decodeBlob = ({ kind, head, blocks }: Arrived): Blob => {
  const about: unknown = JSON.parse(new TextDecoder().decode(head))
  if (typeof about !== 'object' || about === null) throw new TypeError('head')
  const { type, name, lastModified } = about as Record<string, unknown>
  const options = { type: String(type ?? '') }
  if (kind === blob) return new Blob([...blocks], options)
  return new File([...blocks], String(name), {
    ...options,
    lastModified: Number(lastModified) || 0,
  })
}

/** One buffer, of exactly the bytes. */
const join = (blocks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(blocks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const block of blocks) {
    bytes.set(block, at)
    at += block.length
  }
  return bytes
}
