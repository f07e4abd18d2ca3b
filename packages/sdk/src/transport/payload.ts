import { SkeinError } from '../base/errors.ts'
import { isObject } from '../base/json.ts'
import { concat, isWellFormed, utf8 } from '../core/bytes.ts'
import { acquireCopy, type SharedBody } from './buffer-pool.ts'

/** An encoded message. `head` has the metadata of a Blob or File; `null` for other kinds. */
export interface Payload extends SharedBody {
  readonly kind: number
  readonly head: Uint8Array | null
  readonly size: number
  /** The application cannot change the bytes: they can be retransmitted after `send` resolves. */
  readonly isOwn: boolean
}

const mebibyte = 2 ** 20
const maxTextBytes = 64 * mebibyte
export const maxBinaryBytes: number = 256 * mebibyte
const maxBlobBytes = 1024 * mebibyte

/** The metadata of a File has to fit in any frame. */
export const maxHeadBytes = 1024

/** Up to this size buffers are copied, so that the application can reuse them at once. */
const copyBytes = 2 * mebibyte

/** Smaller copies are too cheap to pool. */
const pooledBytes = 16 * 1024

const lenientDecoder = new TextDecoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The index in this list is the kind on the wire; all but the first two are class names. */
const kinds = [
  'text',
  'json',
  'Blob',
  'File',
  'ArrayBuffer',
  'DataView',
  ...'Int8,Uint8,Uint8Clamped,Int16,Uint16,Int32,Uint32,Float32,Float64,BigInt64,BigUint64,Float16'
    .split(',')
    .map((element) => `${element}Array`),
]
const [text, json, blob, file, arrayBuffer] = [0, 1, 2, 3, 4] as const

/** Whether content of this kind may be stored outside of memory. */
export const isBlobKind = (kind: number): boolean => kind === blob || kind === file

/** Throws `bad-argument` for unsupported data and `too-large` for data beyond the size limits. */
export const encodePayload = (data: unknown): Payload => {
  if (typeof data === 'string') return encodeText(data)
  // `[object Uint8Array]`, also in another window, and for derived classes such as Node's Buffer.
  const tag = Object.prototype.toString.call(data).slice(8, -1)
  const kind = kinds.indexOf(tag)
  if (isBlobKind(kind)) return encodeBlob(data as Blob, kind)
  const view = viewOf(data, kind)
  if (!view) return encodeJson(isJson(data, tag) ? data : undefined)
  if (view.length > copyBytes) return createPayload({ kind, body: view, isOwn: false })
  const isSmall = view.length < pooledBytes
  const body = isSmall ? view.slice() : acquireCopy(view)
  return createPayload({ kind, body, holders: isSmall ? Infinity : 0 })
}

const viewOf = (data: unknown, kind: number): Uint8Array | null => {
  if (kind === arrayBuffer) return new Uint8Array(data as ArrayBuffer)
  if (!ArrayBuffer.isView(data)) return null
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** JSON escapes a lone surrogate, which UTF-8 alone cannot represent. */
const encodeText = (data: string): Payload =>
  isWellFormed(data) ? createPayload({ kind: text, body: utf8(data) }) : encodeJson(data)

const encodeJson = (data: unknown): Payload =>
  createPayload({ kind: json, body: utf8(toJson(data)) })

/** A Map, a Set, an Error and the like would arrive as `{}`. */
const isJson = (data: unknown, tag: string): boolean =>
  /^(Object|Array|Null|Number|Boolean|String)$/.test(tag) || (isObject(data) && 'toJSON' in data)

const toJson = (data: unknown): string => {
  try {
    const text = JSON.stringify(data)
    if (text) return text
  } catch {
    // A circular reference or a BigInt.
  }
  throw new SkeinError('bad-argument', { message: 'data: not JSON' })
}

const encodeBlob = (data: Blob, kind: number): Payload => {
  const { type, name, lastModified }: Partial<File> = data
  const head = utf8(JSON.stringify({ type, name, lastModified }))
  // Elsewhere Blobs are recognized by their class, which another window has its own of.
  return createPayload({ kind, head, body: data instanceof Blob ? data : new Blob([data]) })
}

const createPayload = (payload: Pick<Payload, 'kind' | 'body'> & Partial<Payload>): Payload => {
  const { body, head, kind } = payload
  const size = body instanceof Blob ? body.size : body.length
  const max = body instanceof Blob ? maxBlobBytes : kind > json ? maxBinaryBytes : maxTextBytes
  if (size > max || (head?.length ?? 0) > maxHeadBytes) throw new SkeinError('too-large')
  return { isOwn: true, holders: Infinity, head: null, ...payload, size }
}

/** A complete received message. Parts of a Blob may be Blobs. */
export interface EncodedMessage {
  readonly kind: number
  readonly head: Uint8Array
  readonly parts: readonly (Uint8Array<ArrayBuffer> | Blob)[]
}

/** The name of a kind that this engine lacks, such as Float16Array: it is restored as its bytes. */
export const missingTypeOf = (kind: number): string | null => {
  const name = kinds[kind]
  return kind > json && name && !Reflect.get(globalThis, name) ? name : null
}

/** Restores the data that the other side sent. Throws if the content does not match its kind. */
export const decodePayload = ({ kind, head, parts }: EncodedMessage): unknown => {
  if (isBlobKind(kind)) {
    const { name, ...properties } = JSON.parse(lenientDecoder.decode(head))
    return kind === blob
      ? new Blob([...parts], properties)
      : new File([...parts], `${name}`, properties)
  }
  const bytes = concat(parts.filter((part) => part instanceof Uint8Array))
  if (kind > json) {
    if (kind === arrayBuffer) return bytes.buffer
    if (missingTypeOf(kind)) return bytes
    return Reflect.construct(Reflect.get(globalThis, kinds[kind] ?? ''), [bytes.buffer])
  }
  const string = strictDecoder.decode(bytes)
  return kind === text ? string : JSON.parse(string)
}
