export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** One message of each type, with the fields that must be there, as something of their kind. */
export type Samples = Readonly<Record<string, unknown>>

/**
 * A message from a text of somebody else: `null` when it is of none of the types, `false` when it
 * is not like the sample of its type. Never throws.
 */
export const parseLike = <Message>(text: unknown, samples: Samples): Message | false | null => {
  const message = parse(text)
  if (!isObject(message) || !Object.hasOwn(samples, String(message.type))) return null
  return isLike<Message>(message, samples[String(message.type)]) && message
}

/** Without what is absent, in options (`undefined`) as in state (`null`). */
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

/** An array is like its sample when every item is like the sample's only one. */
const isLike = <Type>(value: unknown, sample: unknown): value is Type => {
  if (!isObject(sample)) return typeof value === typeof sample
  if (Array.isArray(sample)) {
    return Array.isArray(value) && value.every((item) => isLike(item, sample[0]))
  }
  return (
    isObject(value) && Object.entries(sample).every(([name, part]) => isLike(value[name], part))
  )
}
