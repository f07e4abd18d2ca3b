import { isEligible } from '../election/elect.ts'
import { type Millis, nodeOf } from '../ids.ts'
import { join, resume } from './arrive.ts'
import { kick, leave, lose, loseNode, removeExpired } from './depart.ts'
import { excuse } from './excuse.ts'
import { adopt, failOver } from './failover.ts'
import { awaitOpening, awaitOthers, open, stopWaiting } from './gathering.ts'
import { appoint, settleHost } from './host.ts'
import { findAttached, findMember, isSameSelf, publicMember, withMember } from './members.ts'
import type { Room, RoomInput, RoomMember, Step } from './room.ts'
import { relay } from './route.ts'
import { renewTokens } from './tokens.ts'
import { announce, answer, refuse, type Turn } from './turn.ts'

type Input<Type extends RoomInput['type']> = Extract<RoomInput, { type: Type }>

/**
 * The room after an input, and what is to be done about it. Pure: no clock, no randomness. What
 * has become due by `now` happens first, as if its tick had come in time.
 *
 * With nothing to do the same room is returned, and nothing has to be stored.
 */
export const step = (room: Room, input: RoomInput, now: Millis): Step => {
  if (input.type === 'signal') return [room, [relay(room, input)]]
  if (input.type === 'excuse') return [excuse(room, input.until), []]
  // Before anything is due: whoever were elected now could reign in a term that was another's.
  if (input.type === 'failover') return advance(room, { now, work: failOver })
  const [settled, due] = advance(room, { now, work: expire })
  if (input.type === 'tick') return [settled, due]
  const [next, effects] = advance(settled, { now, work: (turn) => apply(turn, input) })
  return [next, [...due, ...effects]]
}

const advance = (
  room: Room,
  { now, work }: { readonly now: Millis; readonly work: (turn: Turn) => void },
): Step => {
  const turn: Turn = { room, now, effects: [], arriving: new Map(), welcomed: new Set() }
  work(turn)
  return finish(turn)
}

const expire = (turn: Turn): void => {
  const { gathering } = turn.room
  if (gathering !== null && turn.now >= gathering.until) open(turn)
  removeExpired(turn)
  settleHost(turn, 'timeout')
}

const apply = (
  turn: Turn,
  input: Exclude<RoomInput, Input<'signal' | 'tick' | 'excuse' | 'failover'>>,
): void => {
  switch (input.type) {
    case 'join':
    case 'resume':
      arrive(turn, input)
      break
    case 'update':
      update(turn, input)
      break
    case 'transfer-host':
      transferHost(turn, input)
      break
    case 'kick':
      kick(turn, input)
      break
    case 'leave':
    case 'lost':
      depart(turn, input)
      break
    case 'node-lost':
      departAll(turn, input.node)
      break
    case 'adopt':
      adopt(turn, input)
      break
  }
}

const arrive = (turn: Turn, input: Input<'join'> | Input<'resume'>): void => {
  const isOpen = turn.room.gathering === null
  if (input.type === 'join') {
    const { connection, id, self, identity } = input
    const arriveAs = isOpen ? join : awaitOpening
    arriveAs(turn, { connection, id, self, identity })
  } else if (input.claims.sub !== (input.identity?.sub ?? null)) {
    // A resume token that was lost or lent is of no use to somebody else.
    refuse(turn, { to: input.connection, code: 'resume-rejected' })
  } else {
    const { connection, claims, self, identity } = input
    const arriveAs = isOpen ? resume : awaitOthers
    arriveAs(turn, { connection, claims, self, identity })
  }
}

const update = (turn: Turn, input: Input<'update'>): void => {
  const member = findAttached(turn.room, input)
  if (member === null) return
  const updated = { ...member, ...input.change }
  if (isSameSelf(member, updated)) return
  turn.room = withMember(turn.room, updated)
  announce(turn, { type: 'peer-updated', peer: publicMember(updated) })
  settleHost(turn, 'eligible')
}

const transferHost = (turn: Turn, input: Input<'transfer-host'>): void => {
  const member = findAttached(turn.room, input)
  if (member === null) return
  const target = findMember(turn.room, input.to)
  const code = whyNot(turn.room, { from: member, to: target })
  if (code !== null) answer(turn, { to: input.connection, code, about: input.type })
  else appoint(turn, { host: input.to, reason: 'transfer' })
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
const depart = (turn: Turn, { type, connection }: Input<'leave'> | Input<'lost'>): void => {
  if (turn.room.gathering !== null) stopWaiting(turn, connection)
  else if (type === 'leave') leave(turn, connection)
  else lose(turn, connection)
}

const departAll = (turn: Turn, node: string): void => {
  const { gathering } = turn.room
  if (gathering === null) {
    loseNode(turn, node)
    return
  }
  for (const { connection } of [...gathering.returning, ...gathering.newcomers]) {
    if (nodeOf(connection) === node) stopWaiting(turn, connection)
  }
}

/**
 * Fresh tokens go before the news that made them due: whoever has seen a reign holds a token that
 * names it, so a room that is rebuilt from tokens is never behind what its members have seen.
 */
const finish = (turn: Turn): Step => {
  const { room, effects: tokens } = renewTokens(turn.room, turn.now)
  const isWelcomed = ({ to }: (typeof tokens)[number]): boolean => turn.welcomed.has(to)
  const effects = [
    ...tokens.filter((token) => !isWelcomed(token)),
    ...turn.effects,
    ...tokens.filter(isWelcomed),
  ]
  return [forgetful(room, turn.now), effects]
}

/** Once no token of an earlier boot is accepted, an empty room need not be remembered. */
const forgetful = (room: Room, now: Millis): Room => {
  const isForgettable = room.members.length === 0 && room.gathering === null
  if (room.keepUntil === null || now < room.keepUntil || !isForgettable) return room
  return { ...room, keepUntil: null }
}
