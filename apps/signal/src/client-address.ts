import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { type Networks, networks, plainAddress } from './networks.ts'

/** Who is counted together: an IPv4 address or an IPv6 /64. `null` is not counted (loopback). */
export type AddressKey = string | null

/** Reads from a request where its client is, through the proxies that are trusted. */
export const addressReader = (
  trustProxy: readonly string[],
): ((request: IncomingMessage) => AddressKey) => {
  const trusted = networks(trustProxy)
  return (request) => {
    const remote = plainAddress(request.socket.remoteAddress ?? '')
    if (remote === null) return null
    const forwarded = request.headers['x-forwarded-for']
    if (forwarded === undefined || !trusted.has(remote)) return addressKey(remote)
    return addressKey(nearestUntrusted(String(forwarded), { trusted, remote }))
  }
}

/** The key of an address that `plainAddress` made. */
export const addressKey = (address: string): AddressKey => {
  if (loopback.has(address)) return null
  return isIP(address) === 6 ? prefix64(address) : address
}

const loopback = networks(['127.0.0.0/8', '::1'])

/** Each proxy appends whom it saw: read from the right, what stands left of an untrusted one lies. */
const nearestUntrusted = (
  header: string,
  { trusted, remote }: { readonly trusted: Networks; readonly remote: string },
): string => {
  let nearest = remote
  for (const text of header.split(',').reverse()) {
    const address = plainAddress(text)
    if (address === null) return nearest
    nearest = address
    if (!trusted.has(address)) return nearest
  }
  return nearest
}

/** A subscriber gets a whole /64: counting single addresses would count nothing. */
const prefix64 = (address: string): string => {
  const [head = '', tail] = address.split('::')
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const zeros = Math.max(0, 8 - left.length - right.length)
  const all = [...left, ...Array.from({ length: zeros }, () => '0'), ...right]
  const first = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${first.join(':')}::/64`
}

/** IPv4 at the end stands for two groups; it never reaches the first four. */
const groups = (part: string): string[] =>
  part === '' ? [] : part.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : group))
