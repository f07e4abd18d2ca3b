import { expect } from 'vitest'
import type { ServerOptions } from '../server/server.ts'
import { type Member, startTestServer, type TestServer } from './servers.ts'
import type { TestClient } from './test-client.ts'

/** A server with two members who want to be left alone, and someone who does not leave them. */
export interface Scene {
  readonly server: TestServer
  readonly a: Member
  readonly b: Member
  readonly stranger: TestClient
  /** The process lives, and the two are there and can talk. */
  readonly expectUnharmed: () => Promise<void>
  /** The server answers, and the two still talk: all that holds where somebody was to leave. */
  readonly expectAlive: () => Promise<void>
}

/** `join`: what the two say when they join, where that needs more than a name. */
export const startScene = async (
  options: ServerOptions = {},
  join: Readonly<Record<string, unknown>> = {},
): Promise<Scene> => {
  const server = await startTestServer(options)
  const a = await server.member('calm', join)
  const b = await server.member('calm', join)
  await a.client.next('peer-joined')
  const stranger = await server.connect()
  const expectAlive = async (): Promise<void> => {
    const health = await fetch(`${server.httpUrl}/healthz`)
    expect(health.status).toBe(200)
    await expectTalk(a, b)
    await expectTalk(b, a)
  }
  const expectUnharmed = async (): Promise<void> => {
    await expectAlive()
    for (const { client } of [a, b]) {
      expect(client.of('error')).toEqual([])
      expect(client.of('peer-left')).toEqual([])
      expect(client.of('host')).toEqual([])
    }
  }
  return { server, a, b, stranger, expectUnharmed, expectAlive }
}

const expectTalk = async (from: Member, to: Member): Promise<void> => {
  const heard = to.client.of('signal').length
  from.client.signal(to.id)
  const signal = await to.client.next('signal')
  expect(signal.from).toBe(from.id)
  expect(to.client.of('signal')).toHaveLength(heard + 1)
}
