import { Cable } from './cable.ts'
import type { Namespaces } from './namespaces.ts'
import { type Nat, natRules } from './nat.ts'
import {
  clientOf,
  lan4,
  lan6,
  publicAddresses,
  type Router,
  routerOf,
  type Side,
  spareRouter,
  wan4,
  wan6,
} from './sides.ts'

/** The address families that clients and servers have. */
export type Families = 'ip4' | 'ip6' | 'both'

export interface NetworkOptions {
  readonly sides: readonly Side[]
  readonly families: Families
  /** How clients reach the servers. */
  readonly serverFamily: 'ip4' | 'ip6'
  /** A userspace cable between each client and its router; it can delay and lose packets. */
  readonly hasCables: boolean
  /** B is in the local network of A, behind A's router. */
  readonly isLanShared: boolean
}

const internet = 'internet'
/** The namespace of the servers. */
export const servers = 'servers'
const firstHost = 2
const secondHost = 3

/** Removes the nftables rules of a fault. */
export const noFault = 'table inet fault\ndelete table inet fault\n'

/**
 * A public network with servers, and clients behind routers:
 *
 *     client A ── router A ──┐
 *         └─ spare router ───┤
 *     client B ── router B ──┼── internet ── servers
 *     …                      │
 */
export class Network {
  readonly namespaces: Namespaces
  readonly #options: NetworkOptions
  readonly #cables = new Map<Side, Cable>()
  /** The last part of each client's address. */
  readonly #hosts = new Map<Side, number>()

  private constructor(namespaces: Namespaces, options: NetworkOptions) {
    this.namespaces = namespaces
    this.#options = options
  }

  static async start(namespaces: Namespaces, options: NetworkOptions): Promise<Network> {
    const network = new Network(namespaces, options)
    network.#startInternet()
    for (const side of options.sides) await network.#startSide(side)
    if (options.sides.includes('A')) network.#startSpare()
    return network
  }

  get sides(): readonly Side[] {
    return this.#options.sides
  }

  /** Where pages find the servers. */
  get serverAddress(): string {
    const { ip4, ip6 } = publicAddresses
    return this.#options.serverFamily === 'ip4' ? ip4 : `[${ip6}]`
  }

  /** The addresses that the servers have. */
  get serverAddresses(): readonly string[] {
    const { ip4, ip6 } = publicAddresses
    return [...(this.#has4 ? [ip4] : []), ...(this.#has6 ? [ip6] : [])]
  }

  cableOf(side: Side): Cable {
    const cable = this.#cables.get(side)
    if (!cable) throw new Error(`${side} has no cable`)
    return cable
  }

  /** Replaces the rules of a router, and forgets all mappings. */
  setNat(side: Side, nat: Nat, except: Side | null = null): void {
    const router = this.#routerOf(side).namespace
    this.namespaces.nft(router, natRules(nat, except === null ? null : wan4(routerOf(except))))
    this.forgetMappings(side)
  }

  forgetMappings(side: Side): void {
    this.namespaces.exec(this.#routerOf(side).namespace, ['conntrack', '-F'])
  }

  /** Lets all packets pass again; see `drop` in run/act.ts. */
  pass(side: Side): void {
    this.namespaces.nft(this.#routerOf(side).namespace, noFault)
  }

  linkDown(side: Side): void {
    this.namespaces.ip(clientOf(side), 'link set eth0 down')
  }

  /** Brings the link up again with the address that it had. */
  linkUp(side: Side): void {
    this.#address(side, 'eth0', { router: this.#routerOf(side), host: this.#hostOf(side) })
  }

  /** Changes the address while the link stays up, so that few browsers notice. */
  changeAddress(side: Side): void {
    const host = this.#hostOf(side) + 50
    this.#hosts.set(side, host)
    this.#address(side, 'eth0', { router: this.#routerOf(side), host })
  }

  /** A's link goes down, and another to another network comes up. */
  moveToSpare(): void {
    this.linkDown('A')
    this.#address('A', 'eth1', { router: spareRouter, host: firstHost })
  }

  /** Brings a client's links and its router back to what they were at first. */
  restore(side: Side): void {
    this.#hosts.delete(side)
    if (side === 'A') this.namespaces.ip(clientOf('A'), 'link set eth1 down')
    this.linkUp(side)
    this.setNat(side, 'port')
  }

  get #has4(): boolean {
    return this.#options.families !== 'ip6'
  }

  get #has6(): boolean {
    return this.#options.families !== 'ip4'
  }

  #hostOf(side: Side): number {
    return this.#hosts.get(side) ?? (this.#isGuest(side) ? secondHost : firstHost)
  }

  /** Whether a client is in another's local network. */
  #isGuest(side: Side): boolean {
    return this.#options.isLanShared && side === 'B'
  }

  #routerOf(side: Side): Router {
    return routerOf(this.#isGuest(side) ? 'A' : side)
  }

  #startInternet(): void {
    const { namespaces } = this
    const { gateway4, gateway6, ip4, ip6 } = publicAddresses
    namespaces.add(internet, servers)
    namespaces.ip(internet, 'link add bridge type bridge\nlink set bridge up')
    // Routes IPv6 alone, between the networks of the clients; IPv4 ends here.
    namespaces.ip(internet, `addr add ${gateway4}/24 dev bridge`)
    if (this.#has6) {
      namespaces.ip(internet, `addr add ${gateway6}/64 dev bridge nodad`)
      namespaces.exec(internet, ['sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1'])
    }
    this.#plug(servers, 'eth0', { ip4, ip6 })
  }

  /** Connects a namespace with the public network. */
  #plug(
    namespace: string,
    device: string,
    address: { readonly ip4: string; readonly ip6: string },
  ) {
    const { namespaces } = this
    const port = namespace.slice(0, 15)
    namespaces.connect({ namespace, device }, { namespace: internet, device: port })
    namespaces.ip(internet, `link set ${port} master bridge\nlink set ${port} up`)
    namespaces.ip(namespace, `link set ${device} up`)
    const { gateway4, gateway6 } = publicAddresses
    if (this.#has4) {
      namespaces.ip(
        namespace,
        `addr add ${address.ip4}/24 dev ${device}\nroute add default via ${gateway4}`,
      )
    }
    if (this.#has6) {
      namespaces.ip(
        namespace,
        `addr add ${address.ip6}/64 dev ${device} nodad\nroute add default via ${gateway6}`,
      )
    }
  }

  async #startSide(side: Side): Promise<void> {
    const { namespaces } = this
    const client = clientOf(side)
    const router = this.#routerOf(side)
    namespaces.add(client)
    if (!this.#isGuest(side)) namespaces.add(router.namespace)
    const device = this.#options.isLanShared ? `lan${side}` : 'lan'
    const ends = [
      { namespace: client, device: 'eth0' },
      { namespace: router.namespace, device },
    ] as const
    if (this.#options.hasCables) this.#cables.set(side, await Cable.start(namespaces, ends))
    else namespaces.connect(...ends)
    if (this.#options.isLanShared) this.#bridge(router, device)
    if (!this.#isGuest(side)) this.#startRouter(router)
    this.linkUp(side)
    this.setNat(side, 'port')
  }

  /** Several clients share a local network by a bridge in the router. */
  #bridge({ namespace }: Router, port: string): void {
    if (port === 'lanA') this.namespaces.ip(namespace, 'link add lan type bridge')
    this.namespaces.ip(namespace, `link set ${port} master lan\nlink set ${port} up`)
  }

  #startSpare(): void {
    const { namespace } = spareRouter
    this.namespaces.add(namespace)
    this.namespaces.connect(
      { namespace: clientOf('A'), device: 'eth1' },
      { namespace, device: 'lan' },
    )
    this.#startRouter(spareRouter)
    this.namespaces.nft(namespace, natRules('port'))
  }

  #startRouter(router: Router): void {
    const { namespaces } = this
    const { namespace, number } = router
    this.#plug(namespace, 'wan', { ip4: wan4(router), ip6: wan6(router) })
    namespaces.ip(namespace, 'link set lan up')
    if (this.#has4) {
      namespaces.ip(namespace, `addr add ${lan4(router, 1)}/24 dev lan`)
      namespaces.exec(namespace, ['sysctl', '-qw', 'net.ipv4.ip_forward=1'])
    }
    if (this.#has6) {
      namespaces.ip(namespace, `addr add ${lan6(router, 1)}/64 dev lan nodad`)
      namespaces.exec(namespace, ['sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1'])
      namespaces.ip(internet, `route add 2001:db8:${number}::/64 via ${wan6(router)}`)
    }
  }

  /** Gives a client's interface this address alone, and the default route. */
  #address(side: Side, device: string, { router, host }: ClientAddress): void {
    const lines = [`addr flush dev ${device}`]
    if (this.#has4) lines.push(`addr add ${lan4(router, host)}/24 dev ${device}`)
    if (this.#has6) lines.push(`addr add ${lan6(router, host)}/64 dev ${device} nodad`)
    lines.push(`link set ${device} up`)
    if (this.#has4) lines.push(`route replace default via ${lan4(router, 1)} dev ${device}`)
    if (this.#has6) lines.push(`route replace default via ${lan6(router, 1)} dev ${device}`)
    this.namespaces.ip(clientOf(side), lines.join('\n'))
  }
}

interface ClientAddress {
  readonly router: Router
  readonly host: number
}
