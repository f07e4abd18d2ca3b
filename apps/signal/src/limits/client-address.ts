import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import { ipv6Groups, type Networks, networks, plainAddress } from './networks.ts'

/** Who is counted together: an IPv4 address or an IPv6 /64. `null` is not counted (loopback). */
export type AddressKey = string | null

export interface AddressReaderOptions {
  /** Addresses or networks whose header is believed. */
  readonly trustProxy: readonly string[]
  /** A header came, and nobody is trusted: there is a proxy in front, or somebody plays one. */
  readonly headerIgnored?: () => void
}

/** Reads from a request where its client is, through the proxies that are trusted. */
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

/** The key of an address that `plainAddress` made. */
export const addressKey = (address: string): AddressKey => {
  if (loopback.has(address)) return null
  return isIPv6(address) ? prefix64(address) : address
}

const loopback = networks(['127.0.0.0/8', '::1'])

/**
 * Whom the proxies saw, the last first. Those of today write `X-Forwarded-For`, and hand a
 * `Forwarded` of the client on as it is: it is asked only where the other is missing.
 */
const hopsOf = (headers: IncomingHttpHeaders): readonly string[] => {
  const listed = headers['x-forwarded-for']
  if (listed !== undefined) return String(listed).split(',').reverse()
  // At every comma, also between quotes: a quote that a client left open must not hide what follows.
  return headers.forwarded === undefined ? [] : headers.forwarded.split(',').reverse().map(forOf)
}

/** @see https://www.rfc-editor.org/rfc/rfc7239#section-4 */
const forOf = (element: string): string =>
  /(?:^|;)\s*for="?([^";]*)/i.exec(element)?.[1] ?? 'unknown'

/** Each proxy appends whom it saw: what stands left of an untrusted one may be a lie. */
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

/** A subscriber gets a whole /64: counting single addresses would count nothing. */
const prefix64 = (address: string): string => {
  const network = ipv6Groups(address).slice(0, 4)
  return `${network.map((group) => group.toString(16)).join(':')}::/64`
}
