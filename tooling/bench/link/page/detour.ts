/** Gives the port, on the same machine, that stands in for an end; 0 for none. */
export type Detour = (end: string) => Promise<number>

/** The candidate with the port of its stand-in; `null` when it has none, and must not be used. */
export const rewriteCandidate = async (line: string, through: Detour): Promise<string | null> => {
  // candidate:FOUNDATION COMPONENT PROTOCOL PRIORITY ADDRESS PORT typ …, as of RFC 8839.
  const [foundation, component, protocol, priority, address, port, ...rest] = line.split(' ')
  if (protocol?.toLowerCase() !== 'udp') return null
  const standIn = await through(`${address} ${port}`)
  return standIn === 0
    ? null
    : [foundation, component, protocol, priority, address, standIn, ...rest].join(' ')
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
