/**
 * Golden runs are read by other implementations, so their field names outlive renames in the core:
 * `generation` is also the name that resume tokens carry.
 */
const vectorNames: Readonly<Record<string, string>> = {
  tokenSerial: 'generation',
  recoverUntil: 'gatherUntil',
}
const coreNames: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(vectorNames).map(([core, vector]) => [vector, core]),
)

/** JSON data of the core with the field names of the vectors. */
export const toVectorNames = (value: unknown): unknown => renamed(value, vectorNames)

/** JSON data of the vectors with the field names of the core. */
export const toCoreNames = (value: unknown): unknown => renamed(value, coreNames)

const renamed = (value: unknown, names: Readonly<Record<string, string>>): unknown => {
  if (Array.isArray(value)) return value.map((item) => renamed(item, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [names[name] ?? name, renamed(item, names)]),
  )
}
