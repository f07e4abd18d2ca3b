import { createHmac } from 'node:crypto'
import type { IceServer, Millis, PeerId } from '@skein/protocol'

/** What of the settings says which ICE servers the clients get. */
export interface IceSettings {
  readonly stunUrls: readonly string[]
  readonly turnUrls: readonly string[]
  readonly turnSecret: string | null
  readonly turnTtlS: number
}

/** The STUN servers, which need no credential. */
export const stunServers = (settings: IceSettings): readonly IceServer[] =>
  settings.stunUrls.length === 0 ? [] : [{ urls: settings.stunUrls }]

/**
 * The TURN servers with a credential of limited life, or none when no TURN server is set.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00 (coturn's
 * `use-auth-secret`)
 */
export const turnServers = (
  settings: IceSettings,
  peer: PeerId,
  now: Millis,
): readonly IceServer[] => {
  if (settings.turnSecret === null || settings.turnUrls.length === 0) return []
  const username = `${Math.floor(now / 1_000) + settings.turnTtlS}:${peer}`
  const credential = createHmac('sha1', settings.turnSecret).update(username).digest('base64')
  return [{ urls: settings.turnUrls, username, credential }]
}
