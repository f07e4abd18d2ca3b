import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'
import { audience } from './locked-door.ts'

/** Publishes public keys, as an identity provider does, or fails to. It ends with the test. */
export interface KeyServer {
  readonly url: string
  /** How often it was asked. */
  readonly requests: number
  /** What it answers from now on; the key set at first. */
  answer: (response: ServerResponse) => void
  /** Makes another key, in the set unless it is kept to oneself. */
  readonly newKey: (options?: {
    readonly alg?: string
    readonly isSecret?: boolean
  }) => Promise<Signer>
}

/** Signs a token for the room `calm`, or with what else is said. */
export type Signer = (
  claims?: Readonly<Record<string, unknown>>,
  header?: Readonly<Record<string, unknown>>,
) => Promise<string>

export const startKeyServer = async (): Promise<KeyServer> => {
  const keys: JWK[] = []
  const state = { requests: 0 }
  const http = createServer((_, response) => {
    state.requests += 1
    server.answer(response)
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  onTestFinished(() => {
    http.close()
    http.closeAllConnections()
  })
  const address = http.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const server: KeyServer = {
    url: `http://127.0.0.1:${port}/jwks.json`,
    get requests() {
      return state.requests
    },
    answer: (response) => void response.end(JSON.stringify({ keys })),
    newKey: async ({ alg = 'ES256', isSecret = false } = {}) => {
      const { publicKey, privateKey } = await generateKeyPair(alg)
      const kid = `key-${keys.length}`
      if (!isSecret) keys.push({ ...(await exportJWK(publicKey)), alg, kid })
      return (claims = {}, header = {}) =>
        new SignJWT({ room: 'calm', aud: audience, ...claims })
          .setProtectedHeader({ alg, kid: isSecret ? 'secret' : kid, ...header })
          .setExpirationTime('5m')
          .sign(privateKey)
    },
  }
  return server
}
