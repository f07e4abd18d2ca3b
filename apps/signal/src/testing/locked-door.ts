import type { ServerOptions } from '../server/server.ts'
import { type MintTokenOptions, mintToken } from '../token/index.ts'
import { type Scene, startScene } from './scene.ts'
import type { TestClient } from './test-client.ts'

export const key = 'a key for tests that is long enough.'
export const audience = 'tests'

/** Settings of a server that asks for tokens of that key. */
export const locked: ServerOptions = { auth: 'token', jwtKey: key, jwtAudience: audience }

/** A good token; for the room `calm` when nothing else is said. */
export const tokenFor = (claims: Partial<MintTokenOptions> = {}): Promise<string> =>
  mintToken({ key, audience, room: 'calm', ...claims })

/** A scene whose members have tokens; the stranger has none yet. */
export const startLockedScene = async (options: ServerOptions = {}): Promise<Scene> =>
  startScene({ ...locked, ...options }, { token: await tokenFor() })

/** Someone else who comes in, with a token of these claims. */
export const enter = async (
  { server }: Scene,
  claims: Partial<MintTokenOptions>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly client: TestClient; readonly id: string; readonly resume: string }> =>
  server.member(claims.room ?? 'calm', { token: await tokenFor(claims), ...more })
