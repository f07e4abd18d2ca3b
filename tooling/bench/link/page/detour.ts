/** Returns the local proxy port for an endpoint; 0 for none. */
export type Detour = (end: string) => Promise<number>

/** The candidate with its proxy port; `null` when there is none: it must not be used. */
export const rewriteCandidate = async (line: string, through: Detour): Promise<string | null> => {
  // candidate:FOUNDATION COMPONENT PROTOCOL PRIORITY ADDRESS PORT typ … (RFC 8839).
  const [foundation, component, protocol, priority, address, port, ...rest] = line.split(' ')
  if (protocol?.toLowerCase() !== 'udp') return null
  const proxyPort = await through(`${address} ${port}`)
  return proxyPort === 0
    ? null
    : [foundation, component, protocol, priority, address, proxyPort, ...rest].join(' ')
}

export const rewriteDescription = async (
  { type, sdp = '' }: RTCSessionDescriptionInit,
  through: Detour,
): Promise<RTCSessionDescriptionInit> => {
  const lines: string[] = []
  for (const line of sdp.split('\r\n')) {
    const rewritten = line.startsWith('a=candidate:')
      ? await rewriteCandidate(line.slice(attribute.length), through)
      : line.slice(attribute.length)
    if (rewritten !== null) lines.push(line.slice(0, attribute.length) + rewritten)
  }
  return { type, sdp: lines.join('\r\n') }
}

const attribute = 'a='
