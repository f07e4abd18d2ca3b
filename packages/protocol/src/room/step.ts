import { isEligible } from '../election/elect.ts'
import { type Millis, nodeOf } from '../ids.ts'
import { join, resume } from './arrive.ts'
import { kick, leave, lose, loseNode, removeExpired } from './depart.ts'
import { extendGrace } from './extend-grace.ts'
import { failOver, mergeSnapshot } from './failover.ts'
import { electIfVacant, setHost } from './host.ts'
import { findAttached, findMember, isSameSelf, publicMember, withMember } from './members.ts'
import { open, queueJoin, queueResume, stopWaiting } from './recovery.ts'
import type { Room, RoomInput, RoomMember, Step } from './room.ts'
import { relay } from './route.ts'
import { broadcast, refuse, type StepContext, sendError } from './step-context.ts'
import { renewTokens } from './tokens.ts'

type Input<Type extends RoomInput['type']> = Extract<RoomInput, { type: Type }>

/**
 * The room after an input, and what is to be done about it. Pure: no clock, no randomness. What
 * has become due by `now` happens first, as if its tick had come in time.
 *
 * With nothing to do the same room is returned, and nothing has to be stored.
 */
export const step = (room: Room, input: RoomInput, now: Millis): Step => {
  if (input.type === 'signal') return [room, [relay(room, input)]]
  if (input.type === 'extend-grace') return [extendGrace(room, input.until), []]
  // Before anything is due: whoever were elected now could reign in a term that was another's.
  if (input.type === 'failover') return advance(room, { now, work: failOver })
  const [settled, due] = advance(room, { now, work: expire })
  if (input.type === 'tick') return [settled, due]
  const [next, effects] = advance(settled, { now, work: (context) => apply(context, input) })
  return [next, [...due, ...effects]]
}

const advance = (
  room: Room,
  { now, work }: { readonly now: Millis; readonly work: (context: StepContext) => void },
): Step => {
  const context: StepContext = { room, now, effects: [], arriving: new Map(), welcomed: new Set() }
  work(context)
  return finish(context)
}

const expire = (context: StepContext): void => {
  const { recovery } = context.room
  if (recovery !== null && context.now >= recovery.until) open(context)
  removeExpired(context)
  electIfVacant(context, 'timeout')
}

const apply = (
  context: StepContext,
  input: Exclude<RoomInput, Input<'signal' | 'tick' | 'extend-grace' | 'failover'>>,
): void => {
  switch (input.type) {
    case 'join':
    case 'resume':
      arrive(context, input)
      break
    case 'update':
      update(context, input)
      break
    case 'transfer-host':
      transferHost(context, input)
      break
    case 'kick':
      kick(context, input)
      break
    case 'leave':
    case 'lost':
      depart(context, input)
      break
    case 'node-lost':
      departAll(context, input.node)
      break
    case 'merge-snapshot':
      mergeSnapshot(context, input)
      break
  }
}

const arrive = (context: StepContext, input: Input<'join'> | Input<'resume'>): void => {
  const isOpen = context.room.recovery === null
  if (input.type === 'join') {
    const { connection, id, self, identity } = input
    const arriveAs = isOpen ? join : queueJoin
    arriveAs(context, { connection, id, self, identity })
  } else if (input.claims.sub !== (input.identity?.sub ?? null)) {
    // A resume token that was lost or lent is of no use to somebody else.
    refuse(context, { to: input.connection, code: 'resume-rejected' })
  } else {
    const { connection, claims, self, identity } = input
    const arriveAs = isOpen ? resume : queueResume
    arriveAs(context, { connection, claims, self, identity })
  }
}

const update = (context: StepContext, input: Input<'update'>): void => {
  const member = findAttached(context.room, input)
  if (member === null) return
  const updated = { ...member, ...input.change }
  if (isSameSelf(member, updated)) return
  context.room = withMember(context.room, updated)
  broadcast(context, { type: 'peer-updated', peer: publicMember(updated) })
  electIfVacant(context, 'eligible')
}

const transferHost = (context: StepContext, input: Input<'transfer-host'>): void => {
  const member = findAttached(context.room, input)
  if (member === null) return
  const target = findMember(context.room, input.to)
  const code = whyNot(context.room, { from: member, to: target })
  if (code !== null) sendError(context, { to: input.connection, code, about: input.type })
  else setHost(context, { host: input.to, reason: 'transfer' })
}

/** Why a transfer cannot be; `null` when it can. Giving the role to oneself is no transfer. */
const whyNot = (
  room: Room,
  { from, to }: { readonly from: RoomMember; readonly to: RoomMember | null },
): 'not-host' | 'peer-not-found' | 'not-eligible' | null => {
  if (room.host !== from.id) return 'not-host'
  if (to === null) return 'peer-not-found'
  return to === from || !isEligible(to) ? 'not-eligible' : null
}

/** By connection alone: one that waited may have become a member's in this very step. */
const depart = (
  context: StepContext,
  { type, connection }: Input<'leave'> | Input<'lost'>,
): void => {
  if (context.room.recovery !== null) stopWaiting(context, connection)
  else if (type === 'leave') leave(context, connection)
  else lose(context, connection)
}

const departAll = (context: StepContext, node: string): void => {
  const { recovery } = context.room
  if (recovery === null) {
    loseNode(context, node)
    return
  }
  for (const { connection } of [...recovery.returning, ...recovery.newcomers]) {
    if (nodeOf(connection) === node) stopWaiting(context, connection)
  }
}

/**
 * Fresh tokens go before the news that made them due: whoever has seen a reign holds a token that
 * names it, so a room that is rebuilt from tokens is never behind what its members have seen.
 */
const finish = (context: StepContext): Step => {
  const { room, effects: tokens } = renewTokens(context.room, context.now)
  const isWelcomed = ({ to }: (typeof tokens)[number]): boolean => context.welcomed.has(to)
  const effects = [
    ...tokens.filter((token) => !isWelcomed(token)),
    ...context.effects,
    ...tokens.filter(isWelcomed),
  ]
  return [forgetful(room, context.now), effects]
}

/** Once no token of an earlier boot is accepted, an empty room need not be remembered. */
const forgetful = (room: Room, now: Millis): Room => {
  const isForgettable = room.members.length === 0 && room.recovery === null
  if (room.keepUntil === null || now < room.keepUntil || !isForgettable) return room
  return { ...room, keepUntil: null }
}
