import type { Contestant } from '../contestant.ts'

/** Each is loaded separately. */
export const contestants = {
  skein: async () => (await import('./skein.ts')).skein,
  raw: async () => (await import('./raw.ts')).raw,
  'raw-credit': async () => (await import('./raw-credit.ts')).rawCredit,
  'raw-credit-128': async () => (await import('./raw-credit.ts')).rawCredit128,
  'raw-credit-512': async () => (await import('./raw-credit.ts')).rawCredit512,
  peerjs: async () => (await import('./peerjs.ts')).peerjs,
  'simple-peer': async () => (await import('./simple-peer.ts')).simplePeer,
  trystero: async () => (await import('./trystero.ts')).trystero,
} satisfies Record<string, () => Promise<Contestant>>

export type Name = keyof typeof contestants
