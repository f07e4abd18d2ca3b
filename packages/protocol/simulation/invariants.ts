import { isDeepStrictEqual } from 'node:util'
import { isEligible } from '../src/election/elect.ts'
import type { ConnectionId } from '../src/ids.ts'
import {
  deadline,
  isEmpty,
  type Room,
  type RoomEffect,
  type RoomMember,
  type Step,
  step,
} from '../src/room/index.ts'
import { assertInvariant } from './assert-invariant.ts'
import {
  checkDeparted,
  checkDetach,
  checkExtendedGrace,
  hostUntil,
  isOfCurrentConnection,
} from './check-absence.ts'
import type { Transition } from './transition.ts'

/** Checks the invariants of a single step; the numbers are those of PROTOCOL.md. */
export const checkTransition = (transition: Transition): void => {
  checkRecipients(transition) // 6
  checkPurity(transition) // 8
  // Signals are routed without a step: everything that is due waits for the next tick.
  if (transition.input.type === 'signal') return
  checkDetach(transition) // 12
  checkDeparted(transition) // 12
  checkExtendedGrace(transition)
  checkHost(transition) // 2
  checkHostStays(transition) // 3
  checkDuplicate(transition) // 7
  checkDeadline(transition) // 9
  checkBounds(transition) // 10
  checkSingleMembers(transition) // 11
  checkTokens(transition)
  checkRecoveryEnd(transition)
}

const checkHost = ({ before, after, now, input }: Transition): void => {
  if (after.recovery !== null) return
  const host = memberOf(after, after.host)
  if (after.host === null) {
    assertInvariant(!after.members.some(isEligible), 'a room with an eligible member has a host')
    return
  }
  assertInvariant(host?.canHost === true, 'the host is a member that has canHost')
  assertInvariant(now < hostUntil(after, host), 'an offline host is within its host grace period')
  // A failover raises the term without an election, also for a host within its grace period.
  const isNewTerm = after.term !== before.term && input.type !== 'failover'
  const isElected = after.host !== before.host || isNewTerm
  if (isElected && before.recovery === null) {
    assertInvariant(host.online, 'a member is online when it is elected')
  }
}

const checkHostStays = ({ before, after, input }: Transition): void => {
  const host = memberOf(before, before.host)
  if (host === null || !isEligible(host) || before.epoch !== after.epoch) return
  // A token of a later epoch sent the room into recovery.
  if (after.recovery !== null) return
  if (after.host === before.host) {
    assertInvariant(
      hasExpectedTerm({ before, after, input }),
      'the term stays the same while the host does',
    )
    return
  }
  const isReplaced =
    'identity' in input && input.identity?.isSingle && input.identity.sub === host.sub
  assertInvariant(
    mayEndTerm({ before, input }, host) || isReplaced === true,
    'a host that is online and eligible keeps the role',
  )
}

/** Whether the host gives up its role or goes away, or is kicked. */
const mayEndTerm = (
  { before, input }: Pick<Transition, 'before' | 'input'>,
  { id, connection }: RoomMember,
): boolean => {
  switch (input.type) {
    case 'update':
    case 'transfer-host':
    case 'leave':
      return input.id === id
    case 'kick':
      return input.target === id
    case 'resume':
      return input.claims.id === id && !input.self.canHost
    case 'lost':
      return input.absence === 'away' && input.connection === connection
    case 'detach': {
      const isOwn = input.claims.id === id && isOfCurrentConnection(before, input.claims)
      return isOwn && input.absence !== 'reload'
    }
    default:
      return false
  }
}

/** The same term, or a much later one after the store was replaced. */
const hasExpectedTerm = ({
  before,
  after,
  input,
}: Pick<Transition, 'before' | 'after' | 'input'>): boolean =>
  input.type === 'failover' ? after.term > before.term + 1 : after.term === before.term

const checkRecipients = ({ after, effects, input }: Transition): void => {
  const members = new Set<ConnectionId | null>(after.members.map(({ connection }) => connection))
  const { returning = [], newcomers = [] } = after.recovery ?? {}
  const waiting = [...returning, ...newcomers].map(({ connection }) => connection)
  const reachable = new Set([...members, ...waiting])
  const sender = 'connection' in input ? input.connection : null
  for (const effect of effects) {
    const to = recipientsOf(effect)
    assertInvariant(to.length > 0, 'every effect has a recipient')
    const isRecipient = {
      farewell: (connection: ConnectionId) => !members.has(connection),
      error: (connection: ConnectionId) => connection === sender,
      // Links go on during a recovery.
      signal: (connection: ConnectionId) => reachable.has(connection),
      news: (connection: ConnectionId) => members.has(connection),
    }[kindOf(effect)]
    assertInvariant(to.every(isRecipient), `the recipients of a ${effect.type} are correct`)
  }
}

const kindOf = (effect: RoomEffect): 'farewell' | 'error' | 'signal' | 'news' => {
  if (effect.type === 'close' || effect.type === 'refuse') return 'farewell'
  if (effect.type !== 'send') return 'news'
  const { type } = effect.message
  return type === 'error' || type === 'signal' ? type : 'news'
}

const recipientsOf = (effect: RoomEffect): readonly ConnectionId[] => {
  if (effect.type === 'close') return [effect.connection]
  return effect.type === 'send' ? effect.to : [effect.to]
}

const checkDuplicate = ({ after, input, now }: Transition): void => {
  // Each failover raises the term.
  if (input.type === 'failover') return
  const [again, effects] = step(after, input, now)
  assertInvariant(again === after, 'a repeated input changes nothing')
  const isError = (effect: RoomEffect): boolean =>
    effect.type === 'refuse' || (effect.type === 'send' && effect.message.type === 'error')
  assertInvariant(effects.every(isError), 'a repeated input has no effects other than errors')
}

const checkPurity = ({ before, input, now, after, effects }: Transition): void => {
  const copy: Room = JSON.parse(JSON.stringify(before))
  const repeated: Step = step(copy, input, now)
  assertInvariant(
    isDeepStrictEqual(repeated, [after, effects]),
    'a step depends only on its arguments',
  )
  assertInvariant(
    isDeepStrictEqual(JSON.parse(JSON.stringify(after)), after),
    'a room is plain JSON',
  )
}

const checkDeadline = ({ after, now }: Transition): void => {
  const due = deadline(after)
  if (due === null) {
    assertInvariant(
      step(after, { type: 'tick' }, now + 1e9)[0] === after,
      'without a deadline a tick changes nothing',
    )
    return
  }
  assertInvariant(due > now, 'a step does everything that is due')
  const [early, earlyEffects] = step(after, { type: 'tick' }, due - 1)
  assertInvariant(
    early === after && earlyEffects.length === 0,
    'before the deadline a tick changes nothing',
  )
  const [next] = step(after, { type: 'tick' }, due)
  const nextDue = deadline(next)
  assertInvariant(next !== after, 'at the deadline a tick changes the room')
  assertInvariant(
    nextDue === null || nextDue > due,
    'at the deadline a tick does everything that is due',
  )
}

const checkBounds = ({ after }: Transition): void => {
  assertInvariant(
    after.members.length <= after.policy.maxMembers,
    'a room has at most maxMembers members',
  )
  assertInvariant(isEmpty(after) || deadline(after) !== null, 'a room that is kept has a deadline')
}

/** In these runs, the tokens of a `sub` ask for a single member either always or never. */
const checkSingleMembers = ({ after, input }: Transition): void => {
  if (!('identity' in input) || input.identity?.isSingle !== true) return
  const { sub } = input.identity
  const ofSub = after.members.filter((member) => member.sub === sub)
  assertInvariant(ofSub.length <= 1, 'a sub that asks for a single member has only one')
}

const checkTokens = ({ after, effects }: Transition): void => {
  const online = after.members.filter((member) => member.online)
  for (const member of online) {
    assertInvariant(member.tokenTerm === after.term, 'every token names the current host term')
    assertInvariant(member.tokenOnline >= online.length, 'every token counts all online members')
  }
  for (const effect of effects) {
    if (effect.type !== 'welcome' && effect.type !== 'resume') continue
    assertInvariant(effect.claims.epoch === after.epoch, 'an issued token is of the current epoch')
    assertInvariant(effect.claims.term <= after.term, 'an issued token names no future term')
  }
}

const checkRecoveryEnd = ({ after, input, now }: Transition): void => {
  const returning = after.recovery?.returning ?? []
  if (input.type !== 'resume' || returning.length === 0) return
  if (now < (after.recovery?.earliest ?? now)) return
  const isCounted = returning.some(({ connection }) => connection === input.connection)
  const newest = Math.max(...returning.map(({ claims }) => claims.term))
  const counts = returning.map(({ claims }) => (claims.term === newest ? claims.online : 0))
  const members = new Set(
    returning.map(({ identity, claims }) => (identity?.isSingle ? identity.sub : claims.id)),
  )
  const isComplete = isCounted && members.size >= Math.max(...counts)
  assertInvariant(
    !isComplete,
    'a recovery ends when as many members are back as the newest token counted',
  )
}

export const memberOf = (room: Room, id: string | null): RoomMember | null =>
  room.members.find((member) => member.id === id) ?? null
