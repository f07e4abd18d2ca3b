import { SkeinError } from '../base/errors.ts'
import { concat, utf8 } from '../core/bytes.ts'
import { acquireCopy, type SharedBody } from './buffer-pool.ts'

/** A message as bytes. `head` says what a Blob or File is beside its bytes. */
export interface Payload extends SharedBody {
  readonly kind: number
  readonly head: Uint8Array | null
  readonly size: number
  /** Nobody else can change the bytes: they may go again, long after `send` has resolved. */
  readonly isOwn: boolean
}

const mebibyte = 2 ** 20
const maxTextBytes = 64 * mebibyte
const maxBinaryBytes = 256 * mebibyte
const maxBlobBytes = 1024 * mebibyte

/** Name, type and date of a File fit in any frame. */
export const maxHeadBytes = 1024

/** Up to here buffers are copied, so that they may be used again at once. */
const copyBytes = 2 * mebibyte

/** Below, memory costs too little to be kept for the next copy. */
const pooledBytes = 16 * 1024

const plain = new TextDecoder()
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The place in this list is the kind on the wire; all but the first two are classes. */
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

/** Whether the bytes of this kind may stay outside of memory. */
export const isBlobKind = (kind: number): boolean => kind === blob || kind === file

/** Throws `bad-argument` for what cannot be sent and `too-large` for what is beyond any limit. */
export const encodePayload = (data: unknown): Payload => {
  if (data instanceof Blob) return encodeBlob(data)
  if (typeof data === 'string') return checked({ kind: text, head: null, body: utf8(data) })
  const view = viewOf(data)
  if (!view) return checked({ kind: json, head: null, body: utf8(toJson(data)) })
  // `[object Uint8Array]`, also for the classes derived from it, such as Node's Buffer.
  const kind = kinds.indexOf(Object.prototype.toString.call(data).slice(8, -1))
  if (view.length > copyBytes) return checked({ kind, head: null, body: view, isOwn: false })
  const isSmall = view.length < pooledBytes
  const body = isSmall ? view.slice() : acquireCopy(view)
  return checked({ kind, head: null, body, holders: isSmall ? Infinity : 0 })
}

const viewOf = (data: unknown): Uint8Array | null => {
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  if (!ArrayBuffer.isView(data)) return null
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

const toJson = (data: unknown): string => {
  try {
    const words = JSON.stringify(data)
    if (words) return words
  } catch {
    // A circle, or a BigInt.
  }
  throw new SkeinError('bad-argument', { message: 'data: not JSON' })
}

const encodeBlob = (body: Blob): Payload => {
  const isFile = body instanceof File
  const { type, name, lastModified }: Partial<File> = body
  const head = utf8(JSON.stringify({ type, name, lastModified }))
  return checked({ kind: isFile ? file : blob, head, body })
}

const checked = (payload: Pick<Payload, 'kind' | 'head' | 'body'> & Partial<Payload>): Payload => {
  const { body, head, kind } = payload
  const size = body instanceof Blob ? body.size : body.length
  const max = body instanceof Blob ? maxBlobBytes : kind > json ? maxBinaryBytes : maxTextBytes
  if (size > max || (head?.length ?? 0) > maxHeadBytes) throw new SkeinError('too-large')
  return { isOwn: true, holders: Infinity, ...payload, size }
}

/** A message whose bytes are all there. Parts of a Blob may be Blobs. */
export interface Arrived {
  readonly kind: number
  readonly head: Uint8Array
  readonly parts: readonly (Uint8Array<ArrayBuffer> | Blob)[]
}

/** What arrived, as the other side had it. Throws when it is not what its kind says. */
export const decodePayload = ({ kind, head, parts }: Arrived): unknown => {
  if (isBlobKind(kind)) {
    const { name, ...about } = JSON.parse(plain.decode(head))
    return kind === blob ? new Blob([...parts], about) : new File([...parts], `${name}`, about)
  }
  const bytes = concat(parts.filter((part) => part instanceof Uint8Array))
  if (kind > json) {
    if (kind === arrayBuffer) return bytes.buffer
    return Reflect.construct(Reflect.get(globalThis, kinds[kind] ?? ''), [bytes.buffer])
  }
  const words = strict.decode(bytes)
  return kind === text ? words : JSON.parse(words)
}
