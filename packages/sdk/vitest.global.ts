import { startServer } from '@skein/signal'
import type { TestProject } from 'vitest/node'

/** The real signaling server, for as long as the browser tests run: `inject('signaling')`. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  // All pages come from one address: its limits are not what is tested here.
  const server = await startServer({ port: 0, host: '127.0.0.1', logLevel: 'silent' })
  project.provide('signaling', server.url)
  return () => server.close()
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** The url of the signaling server. */
    readonly signaling: string
  }
}
