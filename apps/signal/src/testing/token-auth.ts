import type { ServerOptions } from '../server/server.ts'
import { type MintTokenOptions, mintToken } from '../token/index.ts'
import { type Fixture, startFixture } from './fixture.ts'
import type { TestClient } from './test-client.ts'

export const key = 'a key for tests that is long enough.'
export const audience = 'tests'

/** Settings of a server that requires tokens signed with `key`. */
export const tokenAuth: ServerOptions = { auth: 'token', jwtKey: key, jwtAudience: audience }

/** A valid token, by default for the room `calm`. */
export const tokenFor = (claims: Partial<MintTokenOptions> = {}): Promise<string> =>
  mintToken({ key, audience, room: 'calm', ...claims })

/** A fixture in which joins need a token; the two members have one. */
export const startTokenFixture = async (options: ServerOptions = {}): Promise<Fixture> =>
  startFixture({ ...tokenAuth, ...options }, { token: await tokenFor() })

/** Connects another client and joins with a token with these claims. */
export const joinWithToken = async (
  { server }: Fixture,
  claims: Partial<MintTokenOptions>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly client: TestClient; readonly id: string; readonly resume: string }> =>
  server.member(claims.room ?? 'calm', { token: await tokenFor(claims), ...more })
