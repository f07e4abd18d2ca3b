/** Creates test messages: a number at both ends and a pattern between them. */
export class Payload {
  readonly #template: Uint8Array<ArrayBuffer>
  readonly #reuses: boolean

  constructor({ bytes, reuses }: { readonly bytes: number; readonly reuses: boolean }) {
    this.#template = Uint8Array.from({ length: bytes }, (_, at) => patternAt(at))
    this.#reuses = reuses
  }

  make(number: number): Uint8Array<ArrayBuffer> {
    const message = this.#reuses ? this.#template : this.#template.slice()
    const view = new DataView(message.buffer)
    view.setUint32(0, number)
    view.setUint32(message.length - numberBytes, number)
    return message
  }
}

const numberBytes = 4
const patternAt = (at: number): number => (at * 31 + 7) & 0xff
/** Prime, so that every position in a packet is checked eventually. */
const strideBytes = 4_093

/** Describes what is wrong with a message that should have this number, or returns `null`. */
export const flawOf = (
  message: Uint8Array,
  { number, bytes }: { readonly number: number; readonly bytes: number },
): string | null => {
  if (message.length !== bytes)
    return `message ${number} has ${message.length} bytes instead of ${bytes}`
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  const [first, last] = [view.getUint32(0), view.getUint32(bytes - numberBytes)]
  if (first !== number) return `received message ${first}, expected ${number}`
  if (last !== number) return `message ${number} ends with the number of message ${last}`
  for (let at = numberBytes; at < bytes - numberBytes; at += strideBytes)
    if (message[at] !== patternAt(at)) return `message ${number} is wrong at byte ${at}`
  return null
}
