import { expect } from 'vitest'
import type { ServerOptions } from '../server/server.ts'
import { type Member, startTestServer, type TestServer } from './servers.ts'
import type { TestClient } from './test-client.ts'

/** A server with two members in the room `calm`, and a connected client that has not joined. */
export interface Fixture {
  readonly server: TestServer
  readonly a: Member
  readonly b: Member
  /** Connected, not in a room yet; in many tests the one that misbehaves. */
  readonly visitor: TestClient
  /** The server works, and the two members got no error and saw no change of host or departure. */
  readonly expectUnaffected: () => Promise<void>
  /** The server works and the two members can signal. For tests in which a peer leaves. */
  readonly expectWorking: () => Promise<void>
}

/** `join`: further fields for the `join` messages of the two members. */
export const startFixture = async (
  options: ServerOptions = {},
  join: Readonly<Record<string, unknown>> = {},
): Promise<Fixture> => {
  const server = await startTestServer(options)
  const a = await server.member('calm', join)
  const b = await server.member('calm', join)
  await a.client.next('peer-joined')
  const visitor = await server.connect()
  const expectWorking = async (): Promise<void> => {
    const health = await fetch(`${server.httpUrl}/healthz`)
    expect(health.status).toBe(200)
    await expectSignal(a, b)
    await expectSignal(b, a)
  }
  const expectUnaffected = async (): Promise<void> => {
    await expectWorking()
    for (const { client } of [a, b]) {
      expect(client.received('error')).toEqual([])
      expect(client.received('peer-left')).toEqual([])
      expect(client.received('host')).toEqual([])
    }
  }
  return { server, a, b, visitor, expectUnaffected, expectWorking }
}

const expectSignal = async (from: Member, to: Member): Promise<void> => {
  const count = to.client.received('signal').length
  from.client.signal(to.id)
  const signal = await to.client.next('signal')
  expect(signal.from).toBe(from.id)
  expect(to.client.received('signal')).toHaveLength(count + 1)
}
