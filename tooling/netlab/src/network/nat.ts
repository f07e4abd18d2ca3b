/**
 * How a router translates IPv4 (RFC 4787): `fullcone`, `address` and `port` map a client's port to
 * one external port and differ in whom they let in; `symmetric` takes a new external port for each
 * destination; `blocked` is port-restricted and forwards no UDP.
 */
export type Nat = (typeof nats)[number]

export const nats = ['fullcone', 'address', 'port', 'symmetric', 'blocked'] as const

/** Which client owns an external port, and which remote addresses it has sent to from there. */
const learning = `
  map owners { type inet_service : ipv4_addr; flags dynamic,timeout; timeout 60s; }
  set contacts { type inet_service . ipv4_addr; flags dynamic,timeout; timeout 60s; }
  chain learn {
    type filter hook forward priority 0;
    iifname "lan" ip protocol udp update @owners { udp sport : ip saddr }
    iifname "lan" ip protocol udp update @contacts { udp sport . ip daddr }
  }`

const letIn = (condition: string): string => `
  chain pre {
    type nat hook prerouting priority dstnat;
    iifname "wan" ip protocol udp ${condition} dnat to udp dport map @owners;
  }`

const translate = (how: string): string => `
  chain post { type nat hook postrouting priority srcnat; oifname "wan" ${how}; }`

/**
 * A router that answers unsolicited packets on its own behalf takes the port that a client is about
 * to use, and two port-restricted routers never connect.
 */
const dropUnsolicited = `
  chain input {
    type filter hook input priority 0;
    iifname "wan" ct state established,related accept;
    iifname "wan" meta l4proto { tcp, udp } drop;
  }`

/** `except` is an address that a blocking router exchanges UDP with all the same. */
const blockUdp = (except: string | null): string => `
  chain block {
    type filter hook forward priority 0;
    ${except === null ? '' : `ip daddr ${except} accept; ip saddr ${except} accept;`}
    ip protocol udp drop;
  }`

const rules = (nat: Nat, except: string | null): string => {
  switch (nat) {
    case 'fullcone':
      return learning + letIn('') + translate('masquerade')
    case 'address':
      return learning + letIn('udp dport . ip saddr @contacts') + translate('masquerade')
    case 'port':
      return translate('masquerade')
    case 'symmetric':
      return translate('masquerade fully-random')
    case 'blocked':
      return translate('masquerade') + blockUdp(except)
  }
}

/** IPv6 is not translated: a stateful firewall lets in answers alone. */
const firewall = `
table ip6 lab
delete table ip6 lab
table ip6 lab {
  chain forward {
    type filter hook forward priority 0;
    iifname "wan" ct state established,related accept;
    iifname "wan" meta l4proto { tcp, udp } drop;
  }
}`

/** The nftables rules of a router; they replace those it had. */
export const natRules = (nat: Nat, except: string | null = null): string => `
table ip lab
delete table ip lab
table ip lab {${rules(nat, except)}${dropUnsolicited}
}${firewall}
`
