import type { ConnectionId } from '@skein/protocol'
import type { ResumeClaims, RoomEffect } from '@skein/protocol/room'

/**
 * Of the tokens that one commit gives to a member only the latest is worth its signature: when many
 * join at once, each of them makes a fresh token due for everybody who came before. It takes the
 * place of the first, so that nobody sees news before the token that knows of them.
 */
export const latestTokens = (effects: readonly RoomEffect[]): readonly RoomEffect[] => {
  const latest = new Map<ConnectionId, ResumeClaims>()
  let tokens = 0
  for (const effect of effects) {
    if (!hasToken(effect)) continue
    latest.set(effect.to, effect.claims)
    tokens += 1
  }
  if (tokens === latest.size) return effects
  const given = new Set<ConnectionId>()
  const kept: RoomEffect[] = []
  for (const effect of effects) {
    if (!hasToken(effect)) kept.push(effect)
    else if (effect.type === 'welcome' || !given.has(effect.to)) {
      given.add(effect.to)
      kept.push({ ...effect, claims: latest.get(effect.to) ?? effect.claims })
    }
  }
  return kept
}

type TokenEffect = Extract<RoomEffect, { claims: ResumeClaims }>

const hasToken = (effect: RoomEffect): effect is TokenEffect => 'claims' in effect
