import { createSecretKey } from 'node:crypto'
import type { JoinMessage } from '@skein/protocol'
import { type AuthSettings, readAuth } from '../settings/auth-settings.ts'
import type { Tuning } from '../settings/tuning.ts'
import type { Log } from '../telemetry/log.ts'
import { type AuthDecision, everybody } from './grant.ts'
import { remoteKeys } from './remote-keys.ts'
import { tokenCheck } from './token-check.ts'

/** Whether a join is let in, and with which rights. It answers at once where it need not ask. */
export type Authority = (join: JoinMessage) => AuthDecision | Promise<AuthDecision>

export interface AuthorityOptions {
  readonly settings: AuthSettings
  readonly tuning: Tuning
  readonly log: Log
}

/** Who may join, by the settings. Throws a `StartError` when they do not go together. */
export const authority = ({ settings, tuning, log }: AuthorityOptions): Authority => {
  const auth = readAuth(settings)
  switch (auth.type) {
    case 'open':
      return () => allowEveryone
    case 'key': {
      const key = createSecretKey(Buffer.from(auth.key))
      return tokenCheck({ keyOf: () => key, algorithms: ['HS256'], audience: auth.audience, log })
    }
    case 'key-set': {
      const keyOf = remoteKeys({ url: auth.url, tuning, log })
      return tokenCheck({ keyOf, algorithms: ofPublicKeys, audience: auth.audience, log })
    }
  }
}

const allowEveryone: AuthDecision = { ok: true, value: everybody }

/** Not HS256: its key is a secret, and these are known to everybody. */
const ofPublicKeys: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']
