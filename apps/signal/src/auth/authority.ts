import { createSecretKey } from 'node:crypto'
import type { JoinMessage } from '@skein/protocol'
import { readAuth } from '../settings/auth-settings.ts'
import type { Settings } from '../settings/settings.ts'
import type { Tuning } from '../settings/tuning.ts'
import type { Log } from '../telemetry/log.ts'
import { type AuthDecision, defaultGrant } from './grant.ts'
import { remoteKeys } from './remote-keys.ts'
import { tokenCheck } from './token-check.ts'

/**
 * Decides whether a join is allowed, and with which rights. Synchronous when no token is needed.
 */
export type Authority = (join: JoinMessage) => AuthDecision | Promise<AuthDecision>

export interface AuthorityOptions {
  readonly settings: Settings
  readonly tuning: Tuning
  readonly log: Log
}

/** Creates the authority for the settings. Throws a `StartError` if they contradict each other. */
export const authority = ({ settings, tuning, log }: AuthorityOptions): Authority => {
  const auth = readAuth(settings)
  const { maxPriority } = settings
  if (auth.type === 'open') {
    const allowed: AuthDecision = { ok: true, value: { ...defaultGrant, maxPriority } }
    return () => allowed
  }
  const { audience, issuer } = auth
  const common = { audience, issuer, maxPriority, log }
  if (auth.type === 'key') {
    const key = createSecretKey(Buffer.from(auth.key))
    return tokenCheck({ ...common, keyOf: () => key, algorithms: ['HS256'] })
  }
  const keyOf = remoteKeys({ url: auth.url, tuning, log })
  return tokenCheck({ ...common, keyOf, algorithms: publicKeyAlgorithms })
}

/**
 * HS256 must not be among them: with it, the text of a public key would serve as a shared secret.
 */
const publicKeyAlgorithms: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']
