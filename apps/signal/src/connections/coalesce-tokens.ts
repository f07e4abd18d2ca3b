import type { ConnectionId } from '@skein/protocol'
import type { ResumeClaims, RoomEffect } from '@skein/protocol/room'

/**
 * Reduces the resume tokens in the effects of one commit to the latest for each member. When many
 * peers join at once, each join makes a new token due for all earlier members, and signing is
 * expensive. The latest token takes the place of the first, so that no member receives a room
 * message before the token that covers it.
 */
export const coalesceTokens = (effects: readonly RoomEffect[]): readonly RoomEffect[] => {
  const tokens = effects.filter(hasToken)
  const latest = new Map(tokens.map(({ to, claims }) => [to, claims]))
  if (tokens.length === latest.size) return effects
  const covered = new Set<ConnectionId>()
  const isKept = (effect: TokenEffect): boolean =>
    effect.type === 'welcome' || !covered.has(effect.to)
  return effects.flatMap((effect): readonly RoomEffect[] => {
    if (!hasToken(effect)) return [effect]
    if (!isKept(effect)) return []
    covered.add(effect.to)
    return [{ ...effect, claims: latest.get(effect.to) ?? effect.claims }]
  })
}

type TokenEffect = Extract<RoomEffect, { claims: ResumeClaims }>

const hasToken = (effect: RoomEffect): effect is TokenEffect => 'claims' in effect
