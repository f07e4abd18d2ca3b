import { nodeOf, type PeerId } from '../src/ids.ts'
import type { ResumeClaims, Returning, Room, RoomEffect, RoomMember } from '../src/room/index.ts'
import { assertInvariant } from './assert-invariant.ts'
import { hostUntil, isOlderToken, memberUntil } from './check-absence.ts'
import { memberOf } from './invariants.ts'
import type { Transition } from './transition.ts'

type Welcome = Extract<RoomEffect, { type: 'welcome' }>

/** Checks a resume in an open room: what it keeps, and when it is rejected (4). */
export const checkResume = (transition: Transition): void => {
  const { before, input, now, after, effects } = transition
  if (input.type !== 'resume' || before.recovery !== null) return
  const { claims, connection, self } = input
  const member = memberOf(before, claims.id)
  const isKept = member !== null && now < memberUntil(before, member)
  const welcome = welcomesOf(effects).find(({ to }) => to === connection)
  const isAccepted = isKept && !isOlderToken(claims, latestPresented(before, member))
  if (!isAccepted || claims.epoch !== before.epoch) {
    assertInvariant(
      welcome === undefined,
      'a token older than one presented, or of a former member, is rejected',
    )
    return
  }
  assertInvariant(welcome !== undefined, 'a resume within the grace period is accepted')
  assertInvariant(welcome.message.resumed, 'the welcome of a resume says that it is one')
  assertInvariant(
    welcome.message.self.joinOrder === member.joinOrder,
    'a resume keeps the join order',
  )
  const isHost = before.host === member.id && now < hostUntil(before, member)
  if (!isHost || !self.canHost) return
  assertInvariant(
    after.host === member.id && after.term === before.term,
    'a host that resumes in time keeps role and term',
  )
}

const latestPresented = (
  { epoch }: Room,
  { presentedSerial }: RoomMember,
): Pick<ResumeClaims, 'epoch' | 'tokenSerial'> => ({ epoch, tokenSerial: presentedSerial })

/** Checks the end of a recovery: the room matches the tokens of the returning members. */
export const checkRebuild = (transition: Transition): void => {
  const { before, after, effects } = transition
  const returned = returningOf(transition)
  const admitted = admittedOf(transition)
  if (after.recovery !== null || admitted.length === 0) return
  const resumed = welcomesOf(effects).filter(({ message }) => message.resumed)
  assertInvariant(after.epoch === highestEpoch(returned), 'the highest epoch wins')
  for (const { connection, claims } of admitted) {
    const own = resumed.filter(({ to }) => to === connection)
    assertInvariant(own.length === 1, 'every returning member gets one welcome')
    const self = own[0]?.message.self
    assertInvariant(self?.id === claims.id, 'every returning member keeps its id')
    assertInvariant(
      self.joinOrder === claims.joinOrder,
      'every returning member keeps its join order',
    )
    assertInvariant(after.nextJoinOrder > claims.joinOrder, 'join orders are not reused')
  }
  if (before.recovery?.newcomers.length !== 0) return
  const seen = seenIn(transition)
  if (before.recovery.mustRaiseTerm) {
    const known = Math.max(...seen.map(({ term }) => term))
    assertInvariant(after.term > known + 1, 'after a failover the term jumps')
  } else checkHostTerm(after, { seen, admitted })
}

const checkHostTerm = (
  after: Room,
  {
    seen,
    admitted,
  }: { readonly seen: readonly ResumeClaims[]; readonly admitted: readonly Returning[] },
): void => {
  const term = Math.max(...seen.map((claims) => claims.term))
  const hosts = new Set(seen.filter((claims) => claims.term === term).map(({ host }) => host))
  if (hosts.size > 1) {
    assertInvariant(after.term === term + 1, 'a term with two hosts is abandoned')
    return
  }
  const [host = null] = hosts
  const hasReturned = admitted.some(({ claims, self }) => claims.id === host && self.canHost)
  const isSame = after.host === host && after.term === term
  if (hasReturned) {
    assertInvariant(isSame, 'the host of the highest term keeps its role if it returns')
  } else {
    assertInvariant(
      isSame ? host === null : after.term === term + 1,
      'the term rises by one if the host does not return',
    )
  }
}

/** The returning members that were not kicked, and that no other one of a single `sub` replaces. */
const admittedOf = ({ before, input }: Transition): readonly Returning[] => {
  const everyone = returningOf({ before, input })
  const kicked = new Set(seenIn({ before, input }).flatMap((claims) => claims.kicked ?? []))
  const returned = everyone.filter(({ claims }) => !kicked.has(claims.id))
  const newcomers = before.recovery?.newcomers ?? []
  const all = input.type === 'join' ? [...newcomers, input] : newcomers
  const isSame = (a: Returning, b: Pick<Returning, 'identity'>): boolean =>
    a.identity?.isSingle === true && a.identity.sub === b.identity?.sub
  const isLater = (a: ResumeClaims, b: ResumeClaims): boolean =>
    a.joinOrder > b.joinOrder || (a.joinOrder === b.joinOrder && a.id > b.id)
  return returned.filter(
    (each) =>
      !all.some((newcomer) => isSame(each, newcomer)) &&
      !returned.some((other) => isSame(each, other) && isLater(other.claims, each.claims)),
  )
}

/** The tokens of the returning members, and those of members that left meanwhile. */
export const seenIn = (
  transition: Pick<Transition, 'before' | 'input'>,
): readonly ResumeClaims[] => {
  const { before, input } = transition
  const returned = returningOf(transition).map(({ claims }) => claims)
  const epoch = Math.max(...returned.map((claims) => claims.epoch))
  const departed = [
    ...(before.recovery?.departed ?? []),
    ...(input.type === 'detach' && input.absence === 'left' ? [input.claims] : []),
  ]
  return [...returned, ...departed.filter((claims) => claims.epoch === epoch)]
}

/** All returning members when the room opens: the waiting ones, and the one that ends the wait. */
export const returningOf = ({
  before,
  input,
}: Pick<Transition, 'before' | 'input'>): readonly Returning[] => {
  if (before.recovery === null) return []
  const { returning, newcomers } = before.recovery
  if (input.type === 'lost' || input.type === 'leave') {
    return returning.filter(({ connection }) => connection !== input.connection)
  }
  if (input.type === 'detach') {
    return returning.filter(({ claims }) => claims.id !== input.claims.id)
  }
  if (input.type === 'node-lost') {
    return returning.filter(({ connection }) => nodeOf(connection) !== input.node)
  }
  if (input.type !== 'resume') return returning
  const isWaiting = [...returning, ...newcomers].some(
    (each) => each.connection === input.connection,
  )
  const all = isWaiting ? returning : [...returning, input]
  const epoch = highestEpoch(all)
  const latest = new Map<PeerId, Returning>()
  for (const each of all) if (each.claims.epoch === epoch) latest.set(each.claims.id, each)
  return [...latest.values()]
}

const welcomesOf = (effects: readonly RoomEffect[]): readonly Welcome[] =>
  effects.filter((effect) => effect.type === 'welcome')

const highestEpoch = (returning: readonly Returning[]): number =>
  Math.max(...returning.map(({ claims }) => claims.epoch))
