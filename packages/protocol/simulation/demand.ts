/** Fails the run with a sentence about what should be so. */
export function demand(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(`It does not hold that ${sentence}.`)
}

/** Makes a change in place impossible. */
export const deepFreeze = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
