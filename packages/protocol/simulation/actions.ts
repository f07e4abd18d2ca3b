import fc from 'fast-check'
import type { Goodbye } from '../src/room/index.ts'

/** An action of a run. Clients are chosen by index, so that failing runs can shrink. */
export type Action = { readonly dt: number } & (
  | { readonly kind: 'join' | 'resume'; readonly client: number; readonly self: SelfChoice }
  | { readonly kind: 'update'; readonly client: number; readonly self: SelfChoice }
  | { readonly kind: 'resume-with-old-token'; readonly client: number; readonly age: number }
  | {
      readonly kind: 'transfer-host' | 'kick' | 'signal'
      readonly client: number
      readonly to: number
    }
  | { readonly kind: 'leave'; readonly client: number }
  | { readonly kind: 'go'; readonly client: number; readonly absence: 'away' | 'reload' }
  | {
      readonly kind: 'beacon'
      readonly client: number
      readonly absence: Goodbye
      /** 0: the latest token. */
      readonly age: number
      /** When the socket of the page ends: before the beacon or after it. `open`: not yet. */
      readonly socket: 'before' | 'after' | 'open'
      readonly times: number
    }
  | { readonly kind: 'lost' | 'stale'; readonly client: number }
  | { readonly kind: 'tick' | 'tick-at-deadline' | 'restart' }
  | { readonly kind: 'node-lost' | 'failover' | 'extend-grace' }
  | { readonly kind: 'return'; readonly clients: readonly boolean[] }
)

export interface SelfChoice {
  readonly canHost: boolean
  readonly priority: number
  readonly name: string
}

/** One more than a room accepts. */
export const clientCount = 6

const client = fc.nat(clientCount - 1)
/** One more than there are, for a peer that is not a member. */
const target = fc.nat(clientCount)
const self: fc.Arbitrary<SelfChoice> = fc.record({
  canHost: fc.integer({ min: 0, max: 9 }).map((n) => n < 7),
  priority: fc.constantFrom(0, 0, 0, 1, 100),
  name: fc.constantFrom('a', 'b', '__proto__'),
})
/** Mostly short, sometimes as long as a grace period, rarely longer than anything is kept. */
const dt = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 400 }) },
  { weight: 4, arbitrary: fc.integer({ min: 400, max: 6_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 6_000, max: 90_000 }) },
)

const weighted = <Value>(weight: number, arbitrary: fc.Arbitrary<Value>) => ({ weight, arbitrary })

export const action: fc.Arbitrary<Action> = fc.oneof(
  weighted(10, fc.record({ dt, kind: fc.constant('join'), client, self })),
  weighted(10, fc.record({ dt, kind: fc.constant('resume'), client, self })),
  weighted(
    3,
    fc.record({ dt, kind: fc.constant('resume-with-old-token'), client, age: fc.nat(3) }),
  ),
  weighted(4, fc.record({ dt, kind: fc.constant('update'), client, self })),
  weighted(
    6,
    fc.record({ dt, kind: fc.constantFrom('transfer-host', 'kick', 'signal'), client, to: target }),
  ),
  weighted(3, fc.record({ dt, kind: fc.constant('leave'), client })),
  weighted(8, fc.record({ dt, kind: fc.constant('lost'), client })),
  weighted(
    3,
    fc.record({
      dt,
      kind: fc.constant('go'),
      client,
      absence: fc.constantFrom('away', 'reload'),
    }),
  ),
  weighted(
    6,
    fc.record({
      dt,
      kind: fc.constant('beacon'),
      client,
      absence: fc.constantFrom('left', 'away', 'reload'),
      age: fc.constantFrom(0, 0, 0, 0, 1, 2),
      socket: fc.constantFrom('before', 'after', 'open'),
      times: fc.constantFrom(1, 1, 2),
    }),
  ),
  weighted(4, fc.record({ dt, kind: fc.constant('stale'), client })),
  weighted(2, fc.record({ dt, kind: fc.constant('tick') })),
  weighted(6, fc.record({ dt, kind: fc.constant('tick-at-deadline') })),
  weighted(1, fc.record({ dt, kind: fc.constant('restart') })),
  weighted(2, fc.record({ dt, kind: fc.constantFrom('node-lost', 'failover', 'extend-grace') })),
  weighted(
    2,
    fc.record({
      dt,
      kind: fc.constant('return'),
      clients: fc.array(fc.boolean(), { minLength: clientCount, maxLength: clientCount }),
    }),
  ),
)
