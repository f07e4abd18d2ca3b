import { closeCodes } from '../close-codes.ts'
import { type Millis, nodeOf, type Term } from '../ids.ts'
import { join, resume } from './arrive.ts'
import { awaitOpening, awaitOthers } from './gathering.ts'
import { settleHost } from './host.ts'
import { findMember, publicMember, withMember } from './members.ts'
import type { Gathering, Room, RoomInput, RoomMember } from './room.ts'
import { announce, retellAll, type Turn, welcome } from './turn.ts'

type Adopt = Extract<RoomInput, { type: 'adopt' }>

/**
 * The store may have forgotten the last reigns: the room goes on in a term that is above all that
 * can have been given out. Host and members stay, and everyone is told the whole truth.
 */
export const failOver = (turn: Turn): void => {
  const { room, now } = turn
  if (room.gathering !== null) return
  turn.room = { ...room, term: leapt(room, now) }
  retellAll(turn)
  welcome(turn)
}

/** What a node knows of its own connections, and the store that was replaced may not know. */
export const adopt = (turn: Turn, { node, witness }: Adopt): void => {
  const { gathering } = turn.room
  if (gathering !== null) reopen(turn, { gathering, witness })
  else if (witness.gathering !== null) letIn(turn, { gathering: witness.gathering, node })
  else {
    surpass(turn, witness)
    for (const member of witness.members) takeIn(turn, { member, node })
    settleHost(turn, 'eligible')
    welcome(turn)
  }
}

/**
 * Above all terms that may be forgotten. By the clock, so that of two failovers in a row the later
 * comes to the higher term, whatever it remembers of the earlier; should the clock have gone back,
 * by a step that no number of changes comes near.
 */
const leapt = ({ term, epoch }: Room, now: Millis): Term => {
  const byClock = termLeap + Math.floor(now - epoch) * termsPerMs
  return byClock > term + mostForgotten ? byClock : term + termLeap
}

const termsPerMs = 1_000
const mostForgotten = 1_000
const termLeap = 1_000_000

/** Whoever waits in a room that a restart may have emptied enters the one that is remembered. */
const reopen = (
  turn: Turn,
  { gathering, witness }: { readonly gathering: Gathering; readonly witness: Room },
): void => {
  if (witness.gathering !== null) {
    for (const each of witness.gathering.returning) awaitOthers(turn, each)
    for (const each of witness.gathering.newcomers) awaitOpening(turn, each)
    return
  }
  if (witness.members.length === 0) return
  const { keepUntil } = turn.room
  turn.room = { ...witness, keepUntil, term: leapt(witness, turn.now) }
  retellAll(turn)
  welcome(turn)
  for (const each of gathering.returning) resume(turn, each)
  for (const each of gathering.newcomers) join(turn, each)
  settleHost(turn, 'timeout')
}

/** Who waited at that node for a room that is open by now. */
const letIn = (
  turn: Turn,
  { gathering, node }: { readonly gathering: Gathering; readonly node: string },
): void => {
  for (const each of gathering.returning) if (nodeOf(each.connection) === node) resume(turn, each)
  for (const each of gathering.newcomers) if (nodeOf(each.connection) === node) join(turn, each)
}

/** Members of the witness have seen its reign: no later one of the room may be lower or doubled. */
const surpass = (turn: Turn, witness: Room): void => {
  const { room, now } = turn
  const isAbove =
    room.epoch > witness.epoch || (room.epoch === witness.epoch && room.term > witness.term)
  const isSame =
    room.epoch === witness.epoch && room.term === witness.term && room.host === witness.host
  if (isAbove || isSame) return
  const term = Math.max(leapt(room, now), leapt(witness, now))
  turn.room = { ...room, epoch: witness.epoch, term }
  retellAll(turn)
}

const takeIn = (
  turn: Turn,
  { member, node }: { readonly member: RoomMember; readonly node: string },
): void => {
  const { id, connection } = member
  if (connection === null || nodeOf(connection) !== node) return
  const known = findMember(turn.room, id)
  if (known === null) {
    if (turn.room.members.length >= turn.room.policy.maxMembers) return
    enter(turn, member)
  } else if (known.connection !== connection && known.generation < member.generation) {
    if (known.connection !== null) {
      const code = closeCodes.superseded
      turn.effects.push({ type: 'close', connection: known.connection, code })
    }
    turn.room = withMember(turn.room, member)
    turn.arriving.set(id, { isResumed: true })
    announce(turn, { type: 'peer-updated', peer: publicMember(member) })
  }
}

const enter = (turn: Turn, member: RoomMember): void => {
  const nextJoinOrder = Math.max(turn.room.nextJoinOrder, member.joinOrder + 1)
  turn.room = withMember({ ...turn.room, nextJoinOrder }, member)
  turn.arriving.set(member.id, { isResumed: true })
  announce(turn, { type: 'peer-joined', peer: publicMember(member) })
}
