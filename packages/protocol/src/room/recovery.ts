import { closeCodes } from '../close-codes.ts'
import { elect } from '../election/elect.ts'
import type { ConnectionId, Millis, PeerId } from '../ids.ts'
import { createMember, join } from './arrive.ts'
import { electIfVacant, setHost, termAfterFailover } from './host.ts'
import { byJoinOrder } from './members.ts'
import {
  hasNoWaiters,
  type Newcomer,
  type Recovery,
  type ResumeClaims,
  type Returning,
  type Room,
  type RoomInput,
} from './room.ts'
import { refuse, type StepContext, sendWelcomes } from './step-context.ts'

/** Puts new members far above any join order that may have been used before the restart. */
const joinOrderGap = 1_000

/** Holds back a new member until the earlier members are back. */
export const queueJoin = (context: StepContext, newcomer: Newcomer): void => {
  const { recovery, policy } = context.room
  if (recovery === null || isWaiting(recovery, newcomer.connection)) return
  if (recovery.newcomers.length >= policy.maxMembers) {
    refuse(context, { to: newcomer.connection, code: 'room-full' })
    return
  }
  setRecovery(context, { ...recovery, newcomers: [...recovery.newcomers, newcomer] })
}

/** Adds a returning member. The first one sets when the recovery ends; the last one ends it. */
export const queueResume = (context: StepContext, returning: Returning): void => {
  const { recovery } = context.room
  if (recovery === null || isWaiting(recovery, returning.connection)) return
  if (!isReturnAccepted(context.room, { recovery, returning })) {
    refuse(context, { to: returning.connection, code: 'resume-rejected' })
    return
  }
  for (const earlier of recovery.returning) supersede(context, { earlier, later: returning })
  const kept = recovery.returning.filter(
    ({ claims }) => claims.id !== returning.claims.id && claims.epoch === returning.claims.epoch,
  )
  const { now } = context
  const { rebuildMs, rebuildMinMs } = context.room.policy
  // The first member of an epoch says that the others of that epoch will return too.
  const isFirst = kept.length === 0 && !hasEarlier(recovery, returning)
  const times = isFirst ? { until: now + rebuildMs, earliest: now + rebuildMinMs } : {}
  const next = {
    ...recovery,
    ...times,
    minEpoch: returning.claims.epoch,
    returning: [...kept, returning],
    newcomers: withoutId(context, { recovery, id: returning.claims.id }),
    // A later token than that of its goodbye: the page went on.
    departed: recovery.departed.filter(
      ({ id, epoch }) => id !== returning.claims.id && epoch >= returning.claims.epoch,
    ),
  }
  setRecovery(context, next)
  if (now >= recoveryDeadline(next)) endRecovery(context)
}

/** Closes an older connection of a member that waits as a new one, after `restartRecovery`. */
const withoutId = (
  context: StepContext,
  { recovery, id }: { readonly recovery: Recovery; readonly id: PeerId },
): readonly Newcomer[] => {
  for (const newcomer of recovery.newcomers) {
    if (newcomer.id !== id) continue
    const { connection } = newcomer
    context.effects.push({ type: 'close', connection, code: closeCodes.superseded })
  }
  return recovery.newcomers.filter((newcomer) => newcomer.id !== id)
}

/** Whether the same member waits already, on an older connection. */
const hasEarlier = ({ returning }: Recovery, { claims }: Returning): boolean =>
  returning.some((each) => each.claims.id === claims.id && each.claims.epoch === claims.epoch)

/** When the recovery ends: early if as many members are back as the newest token counts. */
export const recoveryDeadline = ({ until, earliest, returning }: Recovery): Millis =>
  returning.length > 0 && isComplete(returning) ? Math.min(until, earliest) : until

/**
 * A token of a later epoch proves that the members of this room do not know of its last history. The
 * room recovers in that epoch, and its members of now enter it as new ones.
 */
export const restartRecovery = (context: StepContext): void => {
  const { room, now } = context
  const newcomers = room.members.flatMap(({ sub, isSingle, ...member }) => {
    const { id, connection, presence, canHost, priority, presentedSerial } = member
    const identity = sub === null ? null : { sub, isSingle }
    const self = { presence, canHost, priority }
    return connection === null ? [] : [{ connection, id, self, identity, presentedSerial }]
  })
  const until = now + room.policy.rebuildMs
  const recovery = {
    until,
    earliest: until,
    returning: [],
    newcomers,
    departed: [],
    mustRaiseTerm: true,
    minEpoch: 0,
  }
  context.room = { ...room, members: [], host: null, revision: 0, term: 0, recovery }
}

/** Forgets waiting connections that closed. */
export const stopWaiting = (
  context: StepContext,
  hasClosed: (connection: ConnectionId) => boolean,
): void => {
  const { recovery } = context.room
  if (recovery === null) return
  const returning = recovery.returning.filter(({ connection }) => !hasClosed(connection))
  const newcomers = recovery.newcomers.filter(({ connection }) => !hasClosed(connection))
  const isSame =
    returning.length === recovery.returning.length && newcomers.length === recovery.newcomers.length
  if (isSame) return
  const next = { ...recovery, returning, newcomers }
  setRecovery(context, next)
  // The token that counted the most members may have gone with a connection.
  if (context.now >= recoveryDeadline(next)) endRecovery(context)
}

/**
 * A page that goes presents its token while the room recovers: its connection waits no longer, and a
 * member that left for good is not let in any more. A reload changes nothing, because the page after
 * it presents the same token and may wait already.
 */
export const queueDetach = (
  context: StepContext,
  { claims, absence }: Extract<RoomInput, { type: 'detach' }>,
): void => {
  const { recovery } = context.room
  if (recovery === null || absence === 'reload') return
  if (isOutdated(context.room, { recovery, claims })) return
  if (absence === 'left') rememberDeparted(context, { recovery, claims })
  const { returning, newcomers } = recovery
  const waiting = [
    ...returning.filter((each) => each.claims.id === claims.id),
    ...newcomers.filter(({ id }) => id === claims.id),
  ].map(({ connection }) => connection)
  stopWaiting(context, (connection) => waiting.includes(connection))
  for (const connection of waiting) {
    context.effects.push({ type: 'close', connection, code: closeCodes.goingAway })
  }
}

/** Whether the page that presented the token is no longer the one that waits. */
const isOutdated = (
  room: Room,
  { recovery, claims }: { readonly recovery: Recovery; readonly claims: ResumeClaims },
): boolean => {
  const isCurrent = ({ presentedSerial }: Newcomer): boolean =>
    presentedSerial !== null && claims.epoch === room.epoch && claims.tokenSerial > presentedSerial
  return (
    recovery.returning.some((each) => isOlder(claims, each.claims)) ||
    recovery.newcomers.some((each) => each.id === claims.id && !isCurrent(each))
  )
}

const rememberDeparted = (
  context: StepContext,
  { recovery, claims }: { readonly recovery: Recovery; readonly claims: ResumeClaims },
): void => {
  const known = recovery.departed.find(({ id }) => id === claims.id)
  if (claims.epoch < recovery.minEpoch) return
  if (known !== undefined && !isOlder(known, claims)) return
  const others = recovery.departed.filter((each) => each !== known)
  const departed = [...others, claims].slice(-context.room.policy.maxMembers)
  setRecovery(context, { ...recovery, departed })
}

/** Whether both are tokens of the same member, and the first one is older. */
const isOlder = (a: ResumeClaims, b: ResumeClaims): boolean =>
  a.id === b.id && (a.epoch < b.epoch || (a.epoch === b.epoch && a.tokenSerial < b.tokenSerial))

/** Opens the room: rebuilt from the members that are back, or as a new one if none are. */
export const endRecovery = (context: StepContext): void => {
  const { recovery } = context.room
  if (recovery === null) return
  const keepUntil = hasNoWaiters(recovery) ? null : context.room.keepUntil
  context.room = { ...context.room, recovery: null, keepUntil }
  const inOrder = [...recovery.returning].sort(byClaimedJoinOrder)
  const seen = claimsSeen(recovery)
  const waiting = withoutKicked(context, { waiting: inOrder, seen })
  const { returning, newcomers } = withoutReplaced(context, { ...recovery, returning: waiting })
  if (returning.length > 0) rebuild(context, { returning, seen })
  else context.room = { ...context.room, epoch: Math.max(context.room.epoch, recovery.minEpoch) }
  if (recovery.mustRaiseTerm) raiseTerm(context)
  if (returning.length > 0) seatHost(context, seen)
  for (const newcomer of newcomers) join(context, newcomer)
}

/** Also of members that do not get in: their tokens name terms that were given out. */
const claimsSeen = ({ returning, departed, minEpoch }: Recovery): readonly ResumeClaims[] => [
  ...returning.map(({ claims }) => claims),
  ...departed.filter(({ epoch }) => epoch === minEpoch),
]

/** Rejects members that were kicked before the restart, as the tokens of the others say. */
const withoutKicked = (
  context: StepContext,
  { waiting, seen }: { readonly waiting: readonly Returning[]; readonly seen: Seen },
): readonly Returning[] => {
  const kicked = new Set(seen.flatMap((claims) => claims.kicked ?? []))
  for (const { connection, claims } of waiting) {
    if (kicked.has(claims.id)) refuse(context, { to: connection, code: 'resume-rejected' })
  }
  context.room = { ...context.room, kicked: [...kicked] }
  return waiting.filter(({ claims }) => !kicked.has(claims.id))
}

type Seen = readonly ResumeClaims[]

/** Closes waiting connections that another one of the same `sub` would replace at once. */
const withoutReplaced = (context: StepContext, recovery: Recovery): Recovery => {
  const replaced = findReplaced([...recovery.returning, ...recovery.newcomers])
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

const findReplaced = (inOrder: readonly Waiting[]): readonly Waiting[] =>
  inOrder.filter(({ identity }, place) =>
    inOrder
      .slice(place + 1)
      .some((later) => later.identity?.isSingle === true && later.identity.sub === identity?.sub),
  )

const byClaimedJoinOrder = (a: Returning, b: Returning): number => byJoinOrder(a.claims, b.claims)

/** `seen` also has the tokens of connections that were just replaced. */
const rebuild = (
  context: StepContext,
  { returning, seen }: { readonly returning: readonly Returning[]; readonly seen: Seen },
): void => {
  const newest = newestClaims(seen)
  const members = returning.map(({ connection, claims, self, identity }) =>
    createMember({
      newcomer: { connection, id: claims.id, self, identity },
      joinOrder: claims.joinOrder,
      presentedSerial: claims.tokenSerial,
    }),
  )
  context.room = {
    ...context.room,
    epoch: newest.epoch,
    term: newest.term,
    host: newest.host,
    members,
    nextJoinOrder: Math.max(...seen.map(({ joinOrder }) => joinOrder)) + joinOrderGap,
    // Not 0, which means that the room has never been open.
    revision: 1,
  }
  for (const { id } of context.room.members) context.pendingWelcomes.set(id, { isResumed: true })
}

const raiseTerm = (context: StepContext): void => {
  context.room = { ...context.room, term: termAfterFailover(context.room, context.now) }
}

/** Keeps the host of the newest term if it is back, or elects one, and sends the welcomes. */
const seatHost = (context: StepContext, seen: Seen): void => {
  if (hasRivalHosts(seen, newestClaims(seen))) {
    setHost(context, { host: elect(context.room.members), reason: 'timeout' })
  } else electIfVacant(context, 'timeout')
  sendWelcomes(context)
}

/**
 * Whether the newest term has two hosts, which members of two histories can report after two
 * restarts. Neither host may keep that term.
 */
const hasRivalHosts = (seen: Seen, { term, host }: ResumeClaims): boolean =>
  seen.some((claims) => claims.term === term && claims.host !== host)

/** The newest claims: the highest term, then the most online members. */
const newestClaims = (seen: Seen): ResumeClaims =>
  seen.reduce((best, claims) =>
    claims.term > best.term || (claims.term === best.term && claims.online > best.online)
      ? claims
      : best,
  )

const isComplete = (returning: readonly Returning[]): boolean => {
  const replaced = findReplaced([...returning].sort(byClaimedJoinOrder))
  const newest = newestClaims(returning.map(({ claims }) => claims))
  return returning.length - replaced.length >= newest.online
}

const isWaiting = ({ returning, newcomers }: Recovery, connection: ConnectionId): boolean =>
  [...returning, ...newcomers].some((each) => each.connection === connection)

/** Rejects an epoch below the highest seen, a token too old for its member, and who left. */
const isReturnAccepted = (
  room: Room,
  { recovery, returning }: { readonly recovery: Recovery; readonly returning: Returning },
): boolean => {
  const { claims } = returning
  const others = recovery.returning
  if (claims.epoch < recovery.minEpoch) return false
  if (recovery.departed.some((each) => each.id === claims.id && !isOlder(each, claims)))
    return false
  const earlier = others.find((other) => other.claims.id === claims.id)
  if (earlier?.claims.epoch === claims.epoch) {
    return claims.tokenSerial >= earlier.claims.tokenSerial
  }
  const sameEpoch = others.filter((other) => other.claims.epoch === claims.epoch)
  return sameEpoch.length < room.policy.maxMembers
}

/** Ends the wait of an older connection of the same member, or of a member of a lower epoch. */
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

const setRecovery = (context: StepContext, recovery: Recovery): void => {
  context.room = { ...context.room, recovery }
}
