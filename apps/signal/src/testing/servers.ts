import { onTestFinished } from 'vitest'
import { type RunningServer, type ServerOptions, startServer } from '../server/server.ts'
import { TestClient, type TestClientOptions } from './test-client.ts'

/** A server on a free port and its clients; all are closed when the test finishes. */
export interface TestServer extends RunningServer {
  readonly connect: (options?: Omit<TestClientOptions, 'url'>) => Promise<TestClient>
  /** Connects a client and joins a room; `more`: further fields of the `join` message. */
  readonly member: (room: string, more?: Readonly<Record<string, unknown>>) => Promise<Member>
  readonly httpUrl: string
}

export interface Member {
  readonly client: TestClient
  readonly id: string
  readonly resume: string
}

/**
 * For tests that move the clock of the server: the heartbeat looks at connections in real time, and
 * none of them counts as silent then.
 */
export const anySilence = { firstFrameMs: 1e9, lostAfterMs: 1e9, hostLostAfterMs: 1e9 }

export const startTestServer = async (options: ServerOptions = {}): Promise<TestServer> => {
  const server = await startServer({ port: 0, logLevel: 'silent', ...options })
  onTestFinished(() => server.kill())
  const connect: TestServer['connect'] = (more = {}) =>
    TestClient.open({ url: server.url, ...more })
  return {
    ...server,
    connect,
    httpUrl: `http://127.0.0.1:${server.port}`,
    member: async (room, more = {}) => {
      const client = await connect()
      const welcome = await client.join(room, more)
      return { client, id: welcome.self.id, resume: welcome.resume }
    },
  }
}
