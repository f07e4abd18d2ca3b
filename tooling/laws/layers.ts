/** Files below `inside` import nothing that begins with one of `never`. */
export interface Layer {
  readonly inside: string
  readonly never: readonly string[]
  readonly why: string
}

const sdk = 'packages/sdk/src/'
const signal = 'apps/signal/src/'

/**
 * Who imports whom, downward only (docs/architecture.md). Tests are free: they may look at
 * everything.
 */
export const layers: readonly Layer[] = [
  {
    inside: 'packages/protocol/src/',
    never: ['@', 'node:', 'packages/sdk/', 'apps/', 'tooling/'],
    why: 'the protocol stands alone',
  },
  {
    inside: 'packages/protocol/src/election/',
    never: ['packages/protocol/src/room/'],
    why: 'the room asks the election, not the other way round',
  },
  {
    inside: `${sdk}core/`,
    never: ['node:', ...under(sdk, 'link signaling channel rpc room emitter log clock')],
    why: 'the core decides, it does nothing',
  },
  {
    inside: `${sdk}link/`,
    never: under(sdk, 'signaling channel rpc room'),
    why: 'a link is given `send`; only room/ knows links and signaling',
  },
  {
    inside: `${sdk}signaling/`,
    never: under(sdk, 'link channel rpc room'),
    why: 'signaling knows no links; only room/ knows both',
  },
  {
    inside: `${sdk}channel/`,
    never: under(sdk, 'signaling rpc room'),
    why: 'a channel rides on links',
  },
  {
    inside: `${sdk}rpc/`,
    never: under(sdk, 'signaling link room'),
    why: 'a call rides on a channel',
  },
  {
    inside: sdk,
    never: ['node:', 'svelte', 'react', 'vue', '@skein/signal', '@skein/browser', `${sdk}testing/`],
    why: 'the SDK runs in any page: no Node, no framework, nothing of its own tests',
  },
  {
    inside: `${signal}store/`,
    never: under(signal, 'rooms connection app main bus'),
    why: 'a store keeps rooms and knows nothing of who asks',
  },
  {
    inside: `${signal}bus/`,
    never: under(signal, 'rooms connection app main store'),
    why: 'a bus carries signals and knows nothing of rooms',
  },
  {
    inside: `${signal}redis/`,
    never: under(signal, 'rooms connection connections server app main'),
    why: 'Redis is reached by stores, buses and nodes, which know nobody above them',
  },
  {
    inside: `${signal}auth/`,
    never: under(signal, 'rooms connection entrance app main store bus redis'),
    why: 'who may join is said of a join alone, whoever sent it and whatever room it is for',
  },
  {
    inside: `${signal}token/`,
    never: ['node:', '@', 'hono', 'ws', 'pino', 'prom-client', ...under(signal, 'auth server')],
    why: 'tokens are minted in any runtime, beside an application that knows nothing of the server',
  },
  {
    inside: `${signal}rooms`,
    never: under(signal, 'connection app main'),
    why: 'connections know rooms, not the other way round',
  },
  {
    inside: signal,
    never: ['@skein/sdk', '@skein/web', 'packages/', 'tooling/'],
    why: 'the server knows the protocol alone',
  },
  {
    inside: 'packages/',
    never: ['apps/', 'tooling/', 'examples/'],
    why: 'nothing imports apps, tooling or examples',
  },
  {
    inside: 'apps/web/src/',
    never: ['@skein/signal', '@skein/protocol', 'packages/', 'apps/signal/', 'tooling/'],
    why: 'the site knows the SDK alone',
  },
]

function under(folder: string, names: string): readonly string[] {
  return names.split(' ').flatMap((name) => [`${folder}${name}/`, `${folder}${name}.ts`])
}
