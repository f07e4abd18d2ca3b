/** What is known of an ICE candidate, from wherever it comes. */
export interface CandidateFacts {
  readonly type: string
  readonly protocol: string
  /** `null` where the browser hides it. */
  readonly address: string | null
  readonly port: number | null
  /** The address that it was derived from. */
  readonly base: string | null
}

/**
 * How the NAT in front of a device maps ports. `symmetric`: differently for each destination, so
 * that an address that a STUN server reports is of no use to a peer.
 */
export type Nat = 'none' | 'symmetric' | 'unknown'

/** The candidates in a session description. */
export const candidatesIn = (sdp: string): readonly CandidateFacts[] =>
  [...sdp.matchAll(candidateLine)].map(([, protocol = '', address = '', port, type = '', rest]) => {
    const [, baseAddress, basePort] = / raddr (\S+) rport (\d+)/.exec(rest ?? '') ?? []
    // Where addresses are hidden, browsers write 0.0.0.0 or port 0 or 9.
    const isHidden = !basePort || Number(basePort) < 10 || baseAddress === '0.0.0.0'
    return {
      type,
      protocol: protocol.toLowerCase(),
      address,
      port: Number(port),
      base: isHidden ? null : `${baseAddress} ${basePort}`,
    }
  })

const candidateLine = /candidate:\S+ 1 (\S+) \S+ (\S+) (\d+) typ (\w+)([^\r\n]*)/g

/** `unknown` unless the candidates prove it. */
export const natOf = (candidates: readonly CandidateFacts[]): Nat => {
  const udp = candidates.filter(({ protocol }) => protocol === 'udp')
  const mapped = udp.filter(({ type }) => type === 'srflx' || type === 'prflx')
  const hosts = udp.filter(({ type }) => type === 'host')
  if (mapped.length === 0) return hosts.some(isPublic) ? 'none' : 'unknown'
  const endpointsOf = (each: readonly CandidateFacts[]) =>
    new Set(each.map(({ address, port }) => `${address} ${port}`)).size
  const known = mapped.filter(({ base }) => base !== null)
  const isSplit = known.some(
    ({ base }) => endpointsOf(known.filter((other) => other.base === base)) > 1,
  )
  // Without bases: more mappings than sockets that could have them.
  const isCrowded = known.length === 0 && endpointsOf(mapped) > Math.max(hosts.length, 1)
  return isSplit || isCrowded ? 'symmetric' : 'unknown'
}

/** Whether both are behind the same public address, and so most likely in the same network. */
export const isSameNetwork = (
  local: readonly CandidateFacts[],
  remote: readonly CandidateFacts[],
): boolean => {
  const publicOf = (candidates: readonly CandidateFacts[]) =>
    candidates.filter(({ type }) => type === 'srflx').map(({ address }) => address)
  const remoteOnes = publicOf(remote)
  return publicOf(local).some((address) => remoteOnes.includes(address))
}

/** Whether all local addresses are hidden behind mDNS names. */
export const isHidden = (candidates: readonly CandidateFacts[]): boolean => {
  const hosts = candidates.filter(({ type }) => type === 'host')
  return hosts.length > 0 && hosts.every(({ address }) => address?.endsWith('.local'))
}

const isPublic = ({ address }: CandidateFacts): boolean =>
  address !== null &&
  !address.endsWith('.local') &&
  !/^(10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[789]\d|1[01]\d|12[0-7]))\./.test(
    address,
  ) &&
  !/^(fe[89ab]|f[cd]|::1$)/i.test(address)
