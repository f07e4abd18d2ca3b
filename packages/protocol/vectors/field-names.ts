/**
 * Other implementations read the golden runs, so field names in the vectors stay when a field of the
 * core is renamed. Resume tokens also use the name `generation`.
 */
const vectorNames: Readonly<Record<string, string>> = {
  tokenSerial: 'generation',
  recoverUntil: 'gatherUntil',
}
const coreNames: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(vectorNames).map(([core, vector]) => [vector, core]),
)

/** Renames fields from the core to those of the vectors. */
export const toVectorNames = (value: unknown): unknown => renameFields(value, vectorNames)

/** Renames fields from the vectors to those of the core. */
export const toCoreNames = (value: unknown): unknown => renameFields(value, coreNames)

const renameFields = (value: unknown, names: Readonly<Record<string, string>>): unknown => {
  if (Array.isArray(value)) return value.map((item) => renameFields(item, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [names[name] ?? name, renameFields(item, names)]),
  )
}
