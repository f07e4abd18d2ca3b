import { createHmac } from 'node:crypto'
import type { IceServer, Millis, PeerId } from '@skein/protocol'

/** The settings that determine the ICE servers of clients. */
export interface IceSettings {
  readonly stunUrls: readonly string[]
  readonly turnUrls: readonly string[]
  readonly turnSecret: string | null
  readonly turnTtlS: number
}

/** Returns the STUN servers, which need no credential. */
export const stunServers = (settings: IceSettings): readonly IceServer[] =>
  settings.stunUrls.length === 0 ? [] : [{ urls: settings.stunUrls }]

/**
 * Returns the TURN servers with a credential that expires; empty when none are set.
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
