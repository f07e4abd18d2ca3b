const encoder = new TextEncoder()

/** One buffer, of exactly these bytes. */
export const concat = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text)
