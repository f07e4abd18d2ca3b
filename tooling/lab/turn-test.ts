import { test as base } from './lab-test.ts'
import { ServerProcess } from './server-process.ts'
import { allowsLoopback, TurnServer } from './turn-server.ts'

interface TurnFixtures {
  readonly turn: TurnServer
  /** How peers reach it. */
  readonly transport: 'udp' | 'tcp'
}

/** The laboratory with a coturn, which its signaling server tells everyone of. */
export const test = base.extend<TurnFixtures>({
  transport: ['udp', { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures needed
  turn: async ({}, use) => {
    const turn = await TurnServer.start(allowsLoopback)
    await use(turn)
    await turn.stop()
  },
  server: async ({ turn, transport }, use) => {
    const server = await ServerProcess.start({
      SKEIN_TURN_URLS: `turn:127.0.0.1:${turn.port}?transport=${transport}`,
      SKEIN_TURN_SECRET: turn.secret,
      SKEIN_TURN_TTL_S: String(shortestTtlS),
    })
    await use(server)
    await server.kill()
  },
})

/** What the setting takes at least. */
export const shortestTtlS = 30
