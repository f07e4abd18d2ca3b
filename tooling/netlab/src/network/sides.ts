/** A client behind a router of its own, or the spare router of A. */
export type Side = 'A' | 'B' | 'C' | 'D'

export const sides = ['A', 'B', 'C', 'D'] as const satisfies readonly Side[]

/** The addresses of the public network; all are reserved for documentation. */
export const publicAddresses = {
  ip4: '198.51.100.10',
  ip6: '2001:db8::10',
  gateway4: '198.51.100.1',
  gateway6: '2001:db8::1',
} as const

/** A router with its private network. `spare` is a second way out for A: another network. */
export interface Router {
  /** The router's namespace. */
  readonly namespace: string
  readonly number: number
}

export const routerOf = (side: Side): Router => ({
  namespace: `nat${side}`,
  number: sides.indexOf(side) + 1,
})

export const spareRouter: Router = { namespace: 'natSpare', number: 9 }

export const clientOf = (side: Side): string => `client${side}`

/** The public address of a router. */
export const wan4 = ({ number }: Router): string => `198.51.100.${20 + number}`
export const wan6 = ({ number }: Router): string => `2001:db8::${20 + number}`

/** The addresses in a router's own network: it is host 1, and its client host 2 at first. */
export const lan4 = ({ number }: Router, host: number): string => `10.${number}.0.${host}`
export const lan6 = ({ number }: Router, host: number): string => `2001:db8:${number}::${host}`
