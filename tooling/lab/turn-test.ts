import { test as base } from './lab-test.ts'
import { ServerProcess } from './server-process.ts'
import { loopbackOptions, TurnServer } from './turn-server.ts'

interface TurnFixtures {
  readonly turn: TurnServer
  /** How peers connect to it. */
  readonly transport: 'udp' | 'tcp'
}

/** The lab test with a coturn that its signaling server offers to the peers. */
export const test = base.extend<TurnFixtures>({
  transport: ['udp', { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads fixture names from the parameter
  turn: async ({}, use) => {
    const turn = await TurnServer.start(loopbackOptions)
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

/** The lowest value that the setting accepts. */
export const shortestTtlS = 30
