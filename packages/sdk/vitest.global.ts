import { startServer } from '@skein/signal'
import type { TestProject } from 'vitest/node'

/** Runs a real signaling server during the browser tests: `inject('signaling')` is its URL. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const server = await startServer({ port: 0, host: '127.0.0.1', logLevel: 'silent' })
  project.provide('signaling', server.url)
  return () => server.close()
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** The URL of the signaling server. */
    readonly signaling: string
  }
}
