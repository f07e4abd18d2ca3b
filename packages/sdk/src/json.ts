/** A JSON object from a text of somebody else; `null` for anything but that. Never throws. */
export const parseObject = (text: unknown): Readonly<Record<string, unknown>> | null => {
  if (typeof text !== 'string') return null
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    // Not JSON.
    return null
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
