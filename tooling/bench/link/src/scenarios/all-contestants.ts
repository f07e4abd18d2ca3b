import type { Name } from '../../page/contestants/all.ts'

export const allContestants: readonly Name[] = [
  'raw',
  'raw-credit',
  'skein',
  'peerjs',
  'simple-peer',
  'trystero',
]
/** Includes the smaller window, with which raw-credit has shorter round trips. */
export const allContestantsAndWindows: readonly Name[] = [...allContestants, 'raw-credit-128']
