import { BlockList, isIP, isIPv6 } from 'node:net'
import type { Result } from '@skein/protocol'

/** A set of addresses and networks. */
export interface Networks {
  readonly has: (address: string) => boolean
}

/** Accepts an address or a network (`10.0.0.0/8`, `fd00::/8`). */
export const parseNetwork = (text: string): Result<string, string> =>
  split(text) === null
    ? { ok: false, error: 'addresses or networks such as 192.0.2.1 or 10.0.0.0/8' }
    : { ok: true, value: text }

/** Creates a set of networks. Texts that `parseNetwork` rejects are ignored. */
export const networks = (texts: readonly string[]): Networks => {
  const list = new BlockList()
  for (const text of texts) {
    const network = split(text)
    if (network !== null) list.addSubnet(network.address, network.prefix, network.family)
  }
  return {
    has: (address) => {
      const plain = plainAddress(address)
      return plain !== null && list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
    },
  }
}

/** Strips the zone and converts IPv4-mapped IPv6 to IPv4; `null` when the text is no address. */
export const plainAddress = (text: string): string | null => {
  const address = text.trim().replace(/%.*$/, '')
  if (!isIPv6(address)) return isIP(address) === 0 ? null : address
  const groups = ipv6Groups(address)
  const [high = 0, low = 0] = groups.slice(6)
  return groups.slice(0, 6).join(':') === mappedPrefix
    ? [high >>> 8, high & 0xff, low >>> 8, low & 0xff].join('.')
    : address
}

/** Returns the eight groups of an IPv6 address, whatever its notation. */
export const ipv6Groups = (address: string): readonly number[] => {
  const [head = '', tail] = address.split('::')
  const left = parseGroups(head)
  const right = tail === undefined ? [] : parseGroups(tail)
  const zeros = Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array.from({ length: zeros }, () => 0), ...right]
}

/** `::ffff:0:0/96`, as six decimal groups. */
const mappedPrefix = '0:0:0:0:0:65535'

/** A trailing IPv4 address is two groups. */
const parseGroups = (part: string): readonly number[] =>
  part === ''
    ? []
    : part.split(':').flatMap((group) => {
        if (!group.includes('.')) return [Number.parseInt(group, 16)]
        const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
        return [a * 256 + b, c * 256 + d]
      })

interface Network {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

const split = (text: string): Network | null => {
  const [, address = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  if (version === 0) return null
  const bits = version === 6 ? 128 : 32
  const prefix = digits === undefined ? bits : Number(digits)
  return prefix > bits ? null : { address, prefix, family: version === 6 ? 'ipv6' : 'ipv4' }
}
