import type { ConnectionId } from '@skein/protocol'
import type { ResumeClaims, RoomEffect } from '@skein/protocol/room'

/**
 * Of the tokens that one commit gives to a member only the latest is worth its signature: when many
 * join at once, each of them makes a fresh token due for everybody who came before. It takes the
 * place of the first, so that nobody sees news before the token that knows of them.
 */
export const latestTokens = (effects: readonly RoomEffect[]): readonly RoomEffect[] => {
  const tokens = effects.filter(hasToken)
  const latest = new Map(tokens.map(({ to, claims }) => [to, claims]))
  if (tokens.length === latest.size) return effects
  const given = new Set<ConnectionId>()
  const isKept = (effect: TokenEffect): boolean =>
    effect.type === 'welcome' || !given.has(effect.to)
  return effects.flatMap((effect): readonly RoomEffect[] => {
    if (!hasToken(effect)) return [effect]
    if (!isKept(effect)) return []
    given.add(effect.to)
    return [{ ...effect, claims: latest.get(effect.to) ?? effect.claims }]
  })
}

type TokenEffect = Extract<RoomEffect, { claims: ResumeClaims }>

const hasToken = (effect: RoomEffect): effect is TokenEffect => 'claims' in effect
