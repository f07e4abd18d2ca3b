import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A whole collection, now: the event loop waits for it, some 0.1 s for each 100 MB in use. */
export const collectGarbage = (): void => {
  // Only a context that is made while the flag is set has the function.
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect === 'function') collect()
}
