import { createSecretKey } from 'node:crypto'
import type { JoinMessage } from '@skein/protocol'
import { type AuthSettings, readAuth } from '../settings/auth-settings.ts'
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
  readonly settings: AuthSettings
  readonly tuning: Tuning
  readonly log: Log
}

/** Creates the authority for the settings. Throws a `StartError` if they contradict each other. */
export const authority = ({ settings, tuning, log }: AuthorityOptions): Authority => {
  const auth = readAuth(settings)
  switch (auth.type) {
    case 'open':
      return () => allowed
    case 'key': {
      const key = createSecretKey(Buffer.from(auth.key))
      return tokenCheck({ keyOf: () => key, algorithms: ['HS256'], audience: auth.audience, log })
    }
    case 'key-set': {
      const keyOf = remoteKeys({ url: auth.url, tuning, log })
      return tokenCheck({ keyOf, algorithms: publicKeyAlgorithms, audience: auth.audience, log })
    }
  }
}

const allowed: AuthDecision = { ok: true, value: defaultGrant }

/**
 * HS256 must not be among them: with it, the text of a public key would serve as a shared secret.
 */
const publicKeyAlgorithms: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']
