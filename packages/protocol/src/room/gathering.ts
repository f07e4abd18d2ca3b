import { closeCodes } from '../close-codes.ts'
import { elect } from '../election/elect.ts'
import type { ConnectionId } from '../ids.ts'
import { join, memberOf } from './arrive.ts'
import { appoint, settleHost } from './host.ts'
import { byJoinOrder } from './members.ts'
import { type Gathering, isForsaken, type Newcomer, type Returning, type Room } from './room.ts'
import { refuse, type Turn, welcome } from './turn.ts'

/** Newcomers are put well above all who may have been in the room before the restart. */
const joinOrderGap = 1_000

/** A newcomer waits until it is known who was there before. */
export const awaitOpening = (turn: Turn, newcomer: Newcomer): void => {
  const { gathering, policy } = turn.room
  if (gathering === null || isWaiting(gathering, newcomer.connection)) return
  if (gathering.newcomers.length >= policy.maxMembers) {
    refuse(turn, { to: newcomer.connection, code: 'room-full' })
    return
  }
  gather(turn, { ...gathering, newcomers: [...gathering.newcomers, newcomer] })
}

/** A member of before the restart is back; the first of them sets the time, the last ends it. */
export const awaitOthers = (turn: Turn, returning: Returning): void => {
  const { gathering } = turn.room
  if (gathering === null || isWaiting(gathering, returning.connection)) return
  if (!isWelcome(turn.room, { gathering, returning })) {
    refuse(turn, { to: returning.connection, code: 'resume-rejected' })
    return
  }
  for (const earlier of gathering.returning) supersede(turn, { earlier, later: returning })
  const kept = gathering.returning.filter(
    ({ claims }) => claims.id !== returning.claims.id && claims.epoch === returning.claims.epoch,
  )
  const isFirst = gathering.returning.length === 0
  gather(turn, {
    ...gathering,
    until: isFirst ? turn.now + turn.room.policy.rebuildMs : gathering.until,
    returning: [...kept, returning],
  })
  if (isComplete([...kept, returning])) open(turn)
}

/** The socket of one who waited is gone. */
export const stopWaiting = (turn: Turn, connection: ConnectionId): void => {
  const { gathering } = turn.room
  if (gathering === null || !isWaiting(gathering, connection)) return
  gather(turn, {
    ...gathering,
    returning: gathering.returning.filter((each) => each.connection !== connection),
    newcomers: gathering.newcomers.filter((each) => each.connection !== connection),
  })
}

/** Opens the room: with those who are back as it was, or as a fresh one when nobody is. */
export const open = (turn: Turn): void => {
  const { gathering } = turn.room
  if (gathering === null) return
  const keepUntil = isForsaken(gathering) ? null : turn.room.keepUntil
  turn.room = { ...turn.room, gathering: null, keepUntil }
  const waiting = [...gathering.returning].sort(byPlace)
  const { returning, newcomers } = withoutReplaced(turn, { ...gathering, returning: waiting })
  if (returning.length > 0) rebuild(turn, { returning, known: waiting })
  for (const newcomer of newcomers) join(turn, newcomer)
}

/** Where there may be one of a `sub`, who would be replaced at once does not get in first. */
const withoutReplaced = (turn: Turn, gathering: Gathering): Gathering => {
  const replaced = replacedOf([...gathering.returning, ...gathering.newcomers])
  for (const { connection } of replaced) {
    turn.effects.push({ type: 'close', connection, code: closeCodes.superseded })
  }
  return {
    ...gathering,
    returning: gathering.returning.filter((each) => !replaced.includes(each)),
    newcomers: gathering.newcomers.filter((each) => !replaced.includes(each)),
  }
}

type Waiting = Pick<Returning, 'connection' | 'identity'>

const replacedOf = (inOrder: readonly Waiting[]): readonly Waiting[] =>
  inOrder.filter(({ identity }, place) =>
    inOrder
      .slice(place + 1)
      .some((later) => later.identity?.isSingle === true && later.identity.sub === identity?.sub),
  )

const byPlace = (a: Returning, b: Returning): number => byJoinOrder(a.claims, b.claims)

/** `known`: the tokens of those, too, who do not come in. */
const rebuild = (
  turn: Turn,
  {
    returning,
    known,
  }: { readonly returning: readonly Returning[]; readonly known: readonly Returning[] },
): void => {
  const newest = newestOf(known)
  const members = returning.map(({ connection, claims, self, identity }) =>
    memberOf({
      newcomer: { connection, id: claims.id, self, identity },
      joinOrder: claims.joinOrder,
      generation: claims.generation + 1,
    }),
  )
  turn.room = {
    ...turn.room,
    epoch: newest.epoch,
    term: newest.term,
    host: newest.host,
    members,
    nextJoinOrder: Math.max(...known.map(({ claims }) => claims.joinOrder)) + joinOrderGap,
    // Not 0: the room has been open before.
    revision: 1,
  }
  for (const { id } of turn.room.members) turn.arriving.set(id, { isResumed: true })
  if (isDisputed(known, newest)) {
    appoint(turn, { host: elect(turn.room.members), reason: 'timeout' })
  } else settleHost(turn, 'timeout')
  welcome(turn)
}

/**
 * After two restarts members of two histories may meet, each with another host in the newest term.
 * Neither may have it: a term has one host.
 */
const isDisputed = (
  returning: readonly Returning[],
  { term, host }: Returning['claims'],
): boolean => returning.some(({ claims }) => claims.term === term && claims.host !== host)

/** The claims that know most: the highest term, and of those the most members online. */
const newestOf = (returning: readonly Returning[]): Returning['claims'] =>
  returning
    .map(({ claims }) => claims)
    .reduce((best, claims) =>
      claims.term > best.term || (claims.term === best.term && claims.online > best.online)
        ? claims
        : best,
    )

const isComplete = (returning: readonly Returning[]): boolean => {
  const replaced = replacedOf([...returning].sort(byPlace))
  return returning.length - replaced.length >= newestOf(returning).online
}

const isWaiting = ({ returning, newcomers }: Gathering, connection: ConnectionId): boolean =>
  [...returning, ...newcomers].some((each) => each.connection === connection)

/** Its epoch is no lower than the others', and its token is not older than one seen before. */
const isWelcome = (
  room: Room,
  { gathering, returning }: { readonly gathering: Gathering; readonly returning: Returning },
): boolean => {
  const { claims } = returning
  const others = gathering.returning
  if (others.some((other) => other.claims.epoch > claims.epoch)) return false
  const same = others.find((other) => other.claims.id === claims.id)
  if (same?.claims.epoch === claims.epoch) return claims.generation >= same.claims.generation - 1
  const rivals = others.filter((other) => other.claims.epoch === claims.epoch)
  return rivals.length < room.policy.maxMembers
}

/** One who waited gives way: to a newer connection of its own, or to a later epoch. */
const supersede = (
  turn: Turn,
  { earlier, later }: { readonly earlier: Returning; readonly later: Returning },
): void => {
  if (earlier.claims.id === later.claims.id) {
    const { connection } = earlier
    turn.effects.push({ type: 'close', connection, code: closeCodes.superseded })
  } else if (earlier.claims.epoch < later.claims.epoch) {
    refuse(turn, { to: earlier.connection, code: 'resume-rejected' })
  }
}

const gather = (turn: Turn, gathering: Gathering): void => {
  turn.room = { ...turn.room, gathering }
}
