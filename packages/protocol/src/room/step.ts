import { isEligible } from '../election/elect.ts'
import { type Millis, nodeOf } from '../ids.ts'
import { join, resume } from './arrive.ts'
import { detach, disconnect, disconnectNode, kick, leave, removeExpired } from './depart.ts'
import { extendGrace } from './extend-grace.ts'
import { failOver, mergeSnapshot } from './failover.ts'
import { electIfVacant, setHost } from './host.ts'
import { findAttached, findMember, isSameSelf, publicMember, withMember } from './members.ts'
import {
  endRecovery,
  queueDetach,
  queueJoin,
  queueResume,
  recoveryDeadline,
  restartRecovery,
  stopWaiting,
} from './recovery.ts'
import type { Room, RoomInput, RoomMember, Step } from './room.ts'
import { relay } from './route.ts'
import { broadcast, refuse, type StepContext, sendError } from './step-context.ts'
import { renewTokens } from './tokens.ts'

type Input<Type extends RoomInput['type']> = Extract<RoomInput, { type: Type }>

/**
 * Applies an input to a room. Pure: no clock, no randomness. Everything due by `now` happens first,
 * as if its tick had come in time.
 *
 * When nothing changes, the same room object is returned and need not be stored again.
 */
export const step = (room: Room, input: RoomInput, now: Millis): Step => {
  if (input.type === 'signal') return [room, [relay(room, input)]]
  if (input.type === 'extend-grace') return [extendGrace(room, input.until), []]
  // Before anything that is due: an election in the old term could give that term a second host.
  if (input.type === 'failover') return advance(room, { now, apply: failOver })
  const [current, dueEffects] = advance(room, { now, apply: applyDue })
  if (input.type === 'tick') return [current, dueEffects]
  const [next, effects] = advance(current, { now, apply: (context) => applyInput(context, input) })
  return [next, [...dueEffects, ...effects]]
}

const advance = (
  room: Room,
  { now, apply }: { readonly now: Millis; readonly apply: (context: StepContext) => void },
): Step => {
  const context: StepContext = {
    room,
    now,
    effects: [],
    pendingWelcomes: new Map(),
    welcomed: new Set(),
  }
  apply(context)
  return finish(context)
}

const applyDue = (context: StepContext): void => {
  const { recovery } = context.room
  if (recovery !== null && context.now >= recoveryDeadline(recovery)) endRecovery(context)
  removeExpired(context)
  electIfVacant(context, 'timeout')
}

const applyInput = (
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
    case 'detach':
      if (context.room.recovery === null) detach(context, input)
      else queueDetach(context, input)
      break
    case 'node-lost':
      departNode(context, input.node)
      break
    case 'merge-snapshot':
      mergeSnapshot(context, input)
      break
  }
}

const arrive = (context: StepContext, input: Input<'join'> | Input<'resume'>): void => {
  const isOpen = context.room.recovery === null
  if (input.type === 'join') {
    const { type: _, ...newcomer } = input
    const enter = isOpen ? join : queueJoin
    enter(context, { ...newcomer, presentedSerial: null })
  } else if (input.claims.sub !== (input.identity?.sub ?? null)) {
    // A lost or shared resume token works only for the `sub` that owns the membership.
    refuse(context, { to: input.connection, code: 'resume-rejected' })
  } else comeBack(context, input)
}

const comeBack = (context: StepContext, { type: _, ...returning }: Input<'resume'>): void => {
  const isOpen = context.room.recovery === null
  if (isOpen && returning.claims.epoch > context.room.epoch) restartRecovery(context)
  const enter = context.room.recovery === null ? resume : queueResume
  enter(context, returning)
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
  const code = transferError(context.room, { from: member, to: target })
  if (code !== null) sendError(context, { to: input.connection, code, about: input.type })
  else setHost(context, { host: input.to, reason: 'transfer' })
}

/** Why a transfer is not possible, also to oneself; `null` when it is. */
const transferError = (
  room: Room,
  { from, to }: { readonly from: RoomMember; readonly to: RoomMember | null },
): 'not-host' | 'peer-not-found' | 'not-eligible' | null => {
  if (room.host !== from.id) return 'not-host'
  if (to === null) return 'peer-not-found'
  return to === from || !isEligible(to) ? 'not-eligible' : null
}

/**
 * Looks at the connection alone, not at the id: a waiting connection may have become a member's
 * earlier in this step.
 */
const depart = (context: StepContext, input: Input<'leave'> | Input<'lost'>): void => {
  const { connection } = input
  if (context.room.recovery !== null) stopWaiting(context, (each) => each === connection)
  else if (input.type === 'leave') leave(context, connection)
  else disconnect(context, input)
}

const departNode = (context: StepContext, node: string): void => {
  if (context.room.recovery === null) disconnectNode(context, node)
  else stopWaiting(context, (each) => nodeOf(each) === node)
}

/**
 * Fresh tokens go out before the messages that made them due. A member that has seen a host term
 * then holds a token that names it, so a room rebuilt from tokens is never behind its members.
 */
const finish = (context: StepContext): Step => {
  const { room, effects: tokens } = renewTokens(context.room, context.now)
  const isWelcomed = ({ to }: (typeof tokens)[number]): boolean => context.welcomed.has(to)
  const effects = [
    ...tokens.filter((token) => !isWelcomed(token)),
    ...context.effects,
    ...tokens.filter(isWelcomed),
  ]
  return [clearKeepUntil(room, context.now), effects]
}

/** Lets the store drop an empty room once no token of an earlier boot is accepted any more. */
const clearKeepUntil = (room: Room, now: Millis): Room => {
  const isUnused = room.members.length === 0 && room.recovery === null
  if (room.keepUntil === null || now < room.keepUntil || !isUnused) return room
  return { ...room, keepUntil: null }
}
