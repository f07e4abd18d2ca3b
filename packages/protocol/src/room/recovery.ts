import { closeCodes } from '../close-codes.ts'
import { elect } from '../election/elect.ts'
import type { ConnectionId } from '../ids.ts'
import { join, memberOf } from './arrive.ts'
import { electIfVacant, setHost } from './host.ts'
import { byJoinOrder } from './members.ts'
import { hasNoWaiters, type Newcomer, type Recovery, type Returning, type Room } from './room.ts'
import { refuse, type StepContext, welcome } from './step-context.ts'

/** Newcomers are put well above all who may have been in the room before the restart. */
const joinOrderGap = 1_000

/** A newcomer waits until it is known who was there before. */
export const queueJoin = (context: StepContext, newcomer: Newcomer): void => {
  const { recovery, policy } = context.room
  if (recovery === null || isWaiting(recovery, newcomer.connection)) return
  if (recovery.newcomers.length >= policy.maxMembers) {
    refuse(context, { to: newcomer.connection, code: 'room-full' })
    return
  }
  gather(context, { ...recovery, newcomers: [...recovery.newcomers, newcomer] })
}

/** A member of before the restart is back; the first of them sets the time, the last ends it. */
export const queueResume = (context: StepContext, returning: Returning): void => {
  const { recovery } = context.room
  if (recovery === null || isWaiting(recovery, returning.connection)) return
  if (!isWelcome(context.room, { recovery, returning })) {
    refuse(context, { to: returning.connection, code: 'resume-rejected' })
    return
  }
  for (const earlier of recovery.returning) supersede(context, { earlier, later: returning })
  const kept = recovery.returning.filter(
    ({ claims }) => claims.id !== returning.claims.id && claims.epoch === returning.claims.epoch,
  )
  const isFirst = recovery.returning.length === 0
  gather(context, {
    ...recovery,
    until: isFirst ? context.now + context.room.policy.rebuildMs : recovery.until,
    returning: [...kept, returning],
  })
  if (isComplete([...kept, returning])) open(context)
}

/** The socket of one who waited is gone. */
export const stopWaiting = (context: StepContext, connection: ConnectionId): void => {
  const { recovery } = context.room
  if (recovery === null || !isWaiting(recovery, connection)) return
  gather(context, {
    ...recovery,
    returning: recovery.returning.filter((each) => each.connection !== connection),
    newcomers: recovery.newcomers.filter((each) => each.connection !== connection),
  })
}

/** Opens the room: with those who are back as it was, or as a fresh one when nobody is. */
export const open = (context: StepContext): void => {
  const { recovery } = context.room
  if (recovery === null) return
  const keepUntil = hasNoWaiters(recovery) ? null : context.room.keepUntil
  context.room = { ...context.room, recovery: null, keepUntil }
  const waiting = [...recovery.returning].sort(byPlace)
  const { returning, newcomers } = withoutReplaced(context, { ...recovery, returning: waiting })
  if (returning.length > 0) rebuild(context, { returning, known: waiting })
  for (const newcomer of newcomers) join(context, newcomer)
}

/** Where there may be one of a `sub`, who would be replaced at once does not get in first. */
const withoutReplaced = (context: StepContext, recovery: Recovery): Recovery => {
  const replaced = replacedOf([...recovery.returning, ...recovery.newcomers])
  for (const { connection } of replaced) {
    context.effects.push({ type: 'close', connection, code: closeCodes.superseded })
  }
  return {
    ...recovery,
    returning: recovery.returning.filter((each) => !replaced.includes(each)),
    newcomers: recovery.newcomers.filter((each) => !replaced.includes(each)),
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
  context: StepContext,
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
      tokenSerial: claims.tokenSerial + 1,
    }),
  )
  context.room = {
    ...context.room,
    epoch: newest.epoch,
    term: newest.term,
    host: newest.host,
    members,
    nextJoinOrder: Math.max(...known.map(({ claims }) => claims.joinOrder)) + joinOrderGap,
    // Not 0: the room has been open before.
    revision: 1,
  }
  for (const { id } of context.room.members) context.arriving.set(id, { isResumed: true })
  if (isDisputed(known, newest)) {
    setHost(context, { host: elect(context.room.members), reason: 'timeout' })
  } else electIfVacant(context, 'timeout')
  welcome(context)
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

const isWaiting = ({ returning, newcomers }: Recovery, connection: ConnectionId): boolean =>
  [...returning, ...newcomers].some((each) => each.connection === connection)

/** Its epoch is no lower than the others', and its token is not older than one seen before. */
const isWelcome = (
  room: Room,
  { recovery, returning }: { readonly recovery: Recovery; readonly returning: Returning },
): boolean => {
  const { claims } = returning
  const others = recovery.returning
  if (others.some((other) => other.claims.epoch > claims.epoch)) return false
  const same = others.find((other) => other.claims.id === claims.id)
  if (same?.claims.epoch === claims.epoch) return claims.tokenSerial >= same.claims.tokenSerial - 1
  const rivals = others.filter((other) => other.claims.epoch === claims.epoch)
  return rivals.length < room.policy.maxMembers
}

/** One who waited gives way: to a newer connection of its own, or to a later epoch. */
const supersede = (
  context: StepContext,
  { earlier, later }: { readonly earlier: Returning; readonly later: Returning },
): void => {
  if (earlier.claims.id === later.claims.id) {
    const { connection } = earlier
    context.effects.push({ type: 'close', connection, code: closeCodes.superseded })
  } else if (earlier.claims.epoch < later.claims.epoch) {
    refuse(context, { to: earlier.connection, code: 'resume-rejected' })
  }
}

const gather = (context: StepContext, recovery: Recovery): void => {
  context.room = { ...context.room, recovery }
}
