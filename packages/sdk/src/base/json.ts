export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** A sample message for each type: the required fields, with any value of the right type. */
export type Samples = Readonly<Record<string, unknown>>

/**
 * Parses a message from untrusted text. Returns `null` if its type is unknown and `false` if it does
 * not match the sample of its type. Never throws.
 */
export const parseLike = <Message>(text: unknown, samples: Samples): Message | false | null => {
  const message = parse(text)
  if (!isObject(message) || !Object.hasOwn(samples, String(message.type))) return null
  return isLike<Message>(message, samples[String(message.type)]) && message
}

/** A copy without the properties that are `undefined` or `null`. */
export const withoutNullish = (options: object): ReturnType<typeof Object.fromEntries> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value != null))

const parse = (text: unknown): unknown => {
  try {
    return typeof text === 'string' ? JSON.parse(text) : null
  } catch {
    // Not JSON.
    return null
  }
}

/** An array matches if every item matches the single item of its sample. */
const isLike = <Type>(value: unknown, sample: unknown): value is Type => {
  if (!isObject(sample)) return typeof value === typeof sample
  if (Array.isArray(sample)) {
    return Array.isArray(value) && value.every((item) => isLike(item, sample[0]))
  }
  return (
    isObject(value) && Object.entries(sample).every(([name, part]) => isLike(value[name], part))
  )
}
