/** Which ICE servers the signaling server names: STUN alone, or also TURN over that transport. */
export type ServerKind = (typeof serverKinds)[number]

export const serverKinds = ['stun', 'udp', 'tcp', 'tls'] as const

/** What stands in the tables. */
export const serverTitles: Readonly<Record<ServerKind, string>> = {
  stun: 'STUN',
  udp: '+ TURN/UDP',
  tcp: '+ TURN/UDP, TCP',
  tls: '+ TURN/TLS',
}

const turnPort = 3478
const turnTlsPort = 443

/** The URLs that the settings of the signaling server take. */
export function iceUrls(kind: ServerKind, address: string): { stun: string; turn: string } {
  const at = `${address}:${turnPort}`
  const [udp, tcp] = [`turn:${at}?transport=udp`, `turn:${at}?transport=tcp`]
  const turn = {
    stun: '',
    udp,
    tcp: `${udp},${tcp}`,
    tls: `turns:${address}:${turnTlsPort}?transport=tcp`,
  }
  return { stun: `stun:${at}`, turn: turn[kind] }
}

/** The port of the signaling server that names these. */
export const signalPort = (kind: ServerKind): number => 8700 + serverKinds.indexOf(kind)
export { turnPort, turnTlsPort }
