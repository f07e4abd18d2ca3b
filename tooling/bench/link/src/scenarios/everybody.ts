import type { Name } from '../../page/contestants/all.ts'

export const everybody: readonly Name[] = [
  'raw',
  'raw-credit',
  'skein',
  'peerjs',
  'simple-peer',
  'trystero',
]
/** With the windows that raw credit is better at for short round trips. */
export const everybodyAndWindows: readonly Name[] = [...everybody, 'raw-credit-128']
