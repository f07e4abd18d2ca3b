import { BlockList, isIP } from 'node:net'
import type { Result } from '@skein/protocol'

/** Addresses and networks, to ask whether an address is one of them. */
export interface Networks {
  readonly has: (address: string) => boolean
}

/** Whether a text is an address or a network (`10.0.0.0/8`, `fd00::/8`). */
export const parseNetwork = (text: string): Result<string, string> =>
  split(text) === null
    ? { ok: false, error: 'addresses or networks such as 192.0.2.1 or 10.0.0.0/8' }
    : { ok: true, value: text }

/** Texts that `parseNetwork` does not accept hold no address. */
export const networks = (texts: readonly string[]): Networks => {
  const list = new BlockList()
  for (const text of texts) {
    const network = split(text)
    if (network !== null) list.addSubnet(network.address, network.prefix, network.family)
  }
  return {
    has: (address) => {
      const plain = plainAddress(address)
      return plain !== null && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
    },
  }
}

/** An address without zone, and as IPv4 when it is one in IPv6's clothes; `null` when it is none. */
export const plainAddress = (text: string): string | null => {
  const bare = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1]
  const address = mapped ?? bare
  return isIP(address) === 0 ? null : address
}

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
