import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import { ipv6Groups, type Networks, networks, plainAddress } from './networks.ts'

/** The unit that is counted: an IPv4 address or an IPv6 /64. `null`: not counted (loopback). */
export type AddressKey = string | null

export interface AddressReaderOptions {
  /** Addresses or networks of proxies whose forwarded header is trusted. */
  readonly trustProxy: readonly string[]
  /** Called when a forwarded header arrives but no proxy is trusted. */
  readonly headerIgnored?: () => void
}

/** Creates the function that returns the address of the client, as seen by the trusted proxies. */
export const addressReader = ({
  trustProxy,
  headerIgnored = () => {},
}: AddressReaderOptions): ((request: IncomingMessage) => AddressKey) => {
  const trusted = networks(trustProxy)
  return ({ socket, headers }) => {
    const remote = plainAddress(socket.remoteAddress ?? '')
    if (remote === null) return null
    const hops = hopsOf(headers)
    if (hops.length > 0 && trustProxy.length === 0) headerIgnored()
    if (!trusted.has(remote)) return addressKey(remote)
    return addressKey(nearestUntrusted(hops, { trusted, remote }))
  }
}

/** Returns the key of an address that `plainAddress` returned. */
export const addressKey = (address: string): AddressKey => {
  if (loopback.has(address)) return null
  return isIPv6(address) ? prefix64(address) : address
}

const loopback = networks(['127.0.0.0/8', '::1'])

/**
 * The addresses that the proxies saw, the last first. Common proxies write `X-Forwarded-For` and
 * pass a `Forwarded` header of the client through, so `Forwarded` only counts without the other.
 */
const hopsOf = (headers: IncomingHttpHeaders): readonly string[] => {
  const listed = headers['x-forwarded-for']
  if (listed !== undefined) return String(listed).split(',').reverse()
  // Splits inside quotes too: an unclosed quote from a client must not hide what proxies appended.
  return headers.forwarded === undefined ? [] : headers.forwarded.split(',').reverse().map(forOf)
}

/** @see https://www.rfc-editor.org/rfc/rfc7239#section-4 */
const forOf = (element: string): string =>
  /(?:^|;)\s*for="?([^";]*)/i.exec(element)?.[1] ?? 'unknown'

/** Each proxy appends the address it saw; everything left of an untrusted one may be forged. */
const nearestUntrusted = (
  hops: readonly string[],
  { trusted, remote }: { readonly trusted: Networks; readonly remote: string },
): string => {
  let nearest = remote
  for (const hop of hops) {
    const address = plainAddress(withoutPort(hop.trim()))
    if (address === null) return nearest
    nearest = address
    if (!trusted.has(address)) return nearest
  }
  return nearest
}

const withoutPort = (node: string): string => {
  const [, bracketed, ipv4] = /^(?:\[(.*)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/.exec(node) ?? []
  return bracketed ?? ipv4 ?? node
}

/** A subscriber gets a whole /64, so counting single addresses would limit nothing. */
const prefix64 = (address: string): string => {
  const network = ipv6Groups(address).slice(0, 4)
  return `${network.map((group) => group.toString(16)).join(':')}::/64`
}
