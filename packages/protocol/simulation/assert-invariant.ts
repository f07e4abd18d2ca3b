/** Fails the run unless `condition` holds; `invariant` states what should hold. */
export function assertInvariant(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`Invariant violated: ${invariant}.`)
}

/** Freezes a value and everything in it, so that any mutation throws. */
export const deepFreeze = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
