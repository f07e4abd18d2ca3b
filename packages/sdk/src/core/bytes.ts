const encoder = new TextEncoder()

/** Copies the parts into one new buffer. */
export const concat = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text)

/** Whether UTF-8 can represent the text: a lone surrogate would become U+FFFD. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)
