/** Files below `inside` import nothing that begins with one of `never`. */
export interface Layer {
  readonly inside: string
  readonly never: readonly string[]
  readonly why: string
}

const sdk = 'packages/sdk/src/'
const signal = 'apps/signal/src/'

/**
 * What a package may not import from outside itself. Who imports whom inside is in `rooms.ts`.
 * Tests are free.
 */
export const layers: readonly Layer[] = [
  {
    inside: 'packages/protocol/src/',
    never: ['@', 'node:', 'packages/sdk/', 'apps/', 'tooling/'],
    why: 'the protocol stands alone',
  },
  {
    inside: `${sdk}core/`,
    never: ['node:', `${sdk}testing/`],
    why: 'the core is pure',
  },
  {
    inside: sdk,
    never: ['node:', 'svelte', 'react', 'vue', '@skein/signal', '@skein/browser', `${sdk}testing/`],
    why: 'the SDK runs in any page: no Node, no framework, no test fakes',
  },
  {
    inside: `${signal}token/`,
    never: ['node:', '@', 'hono', 'ws', 'pino', 'prom-client'],
    why: 'tokens can be minted in any runtime, without the server',
  },
  {
    inside: signal,
    never: ['@skein/sdk', '@skein/web', 'packages/', 'tooling/'],
    why: 'the server depends on the protocol alone',
  },
  {
    inside: 'packages/',
    never: ['apps/', 'tooling/', 'examples/'],
    why: 'nothing imports apps, tooling or examples',
  },
  {
    inside: 'apps/web/src/',
    never: ['@skein/signal', '@skein/protocol', 'packages/', 'apps/signal/', 'tooling/'],
    why: 'the site depends on the SDK alone',
  },
]
