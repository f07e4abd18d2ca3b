import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** In the next turn: a new WeakRef keeps its target alive until the current one ends. */
export const collectGarbage = async (): Promise<void> => {
  await nextTurn()
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
