import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'
import { audience } from './token-auth.ts'

/** Publishes public keys like an identity provider; closed when the test finishes. */
export interface KeyServer {
  readonly url: string
  /** Number of requests so far. */
  readonly requests: number
  /** Handles requests; by default sends the key set. Tests replace it to make requests fail. */
  respond: (response: ServerResponse) => void
  /** Generates a key and adds it to the set, unless `isUnpublished`. */
  readonly newKey: (options?: {
    readonly alg?: string
    readonly isUnpublished?: boolean
  }) => Promise<Signer>
}

/** Signs a token for the room `calm`; the arguments override claims and header fields. */
export type Signer = (
  claims?: Readonly<Record<string, unknown>>,
  header?: Readonly<Record<string, unknown>>,
) => Promise<string>

export const startKeyServer = async (): Promise<KeyServer> => {
  const keys: JWK[] = []
  const state = { requests: 0 }
  const http = createServer((_, response) => {
    state.requests += 1
    server.respond(response)
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
    respond: (response) => void response.end(JSON.stringify({ keys })),
    newKey: async ({ alg = 'ES256', isUnpublished = false } = {}) => {
      const { publicKey, privateKey } = await generateKeyPair(alg)
      const kid = `key-${keys.length}`
      if (!isUnpublished) keys.push({ ...(await exportJWK(publicKey)), alg, kid })
      return (claims = {}, header = {}) =>
        new SignJWT({ room: 'calm', aud: audience, ...claims })
          .setProtectedHeader({ alg, kid: isUnpublished ? 'unpublished' : kid, ...header })
          .setExpirationTime('5m')
          .sign(privateKey)
    },
  }
  return server
}
