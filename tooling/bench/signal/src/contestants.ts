import {
  bareDialect,
  type Dialect,
  peerjsDialect,
  skeinDialect,
  socketIoDialect,
} from './dialect.ts'
import type { ServerCommand } from './server-process.ts'
import { skeinOptions } from './skein-options.ts'

export interface Contestant extends ServerCommand {
  readonly dialect: Dialect
}

export const contestants = {
  skein: { script: 'skein', args: [JSON.stringify(skeinOptions)], dialect: skeinDialect },
  bare: { script: 'bare', dialect: bareDialect },
  'bare-rooms': { script: 'bare', args: ['rooms'], dialect: bareDialect },
  'bare-heartbeats': { script: 'bare', args: ['heartbeats'], dialect: bareDialect },
  'bare-bounded': { script: 'bare', args: ['bounded'], dialect: bareDialect },
  peerjs: { script: 'peerjs', dialect: peerjsDialect },
  'socket.io': { script: 'socket-io', dialect: socketIoDialect },
  crossws: { script: 'crossws', dialect: bareDialect },
  hono: { script: 'hono', dialect: bareDialect },
} satisfies Record<string, Contestant>

export type Name = keyof typeof contestants

export const names: readonly Name[] = Object.keys(contestants).filter(
  (name): name is Name => name in contestants,
)

export const contestantOf = (name: Name): Contestant => contestants[name]
