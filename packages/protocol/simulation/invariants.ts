import { isDeepStrictEqual } from 'node:util'
import { isEligible } from '../src/election/elect.ts'
import type { ConnectionId, Millis } from '../src/ids.ts'
import {
  deadline,
  isEmpty,
  type Room,
  type RoomEffect,
  type RoomInput,
  type RoomMember,
  type Step,
  step,
} from '../src/room/index.ts'
import { demand } from './demand.ts'

export interface Transition {
  readonly before: Room
  readonly input: RoomInput
  readonly now: Millis
  readonly after: Room
  readonly effects: readonly RoomEffect[]
}

/** What must hold of every single step; the numbers are those of PROTOCOL.md. */
export const checkTransition = (transition: Transition): void => {
  checkAddressees(transition) // 6
  checkPurity(transition) // 8
  // Signals are routed by the room as it is: what is due waits for its tick.
  if (transition.input.type === 'signal') return
  checkHost(transition) // 2
  checkSticky(transition) // 3
  checkDuplicate(transition) // 7
  checkDeadline(transition) // 9
  checkEmptiness(transition) // 10
  checkSingles(transition) // 11
  checkTokens(transition)
  checkWaiting(transition)
}

const checkHost = ({ before, after, now, input }: Transition): void => {
  if (after.recovery !== null) return
  const host = memberOf(after, after.host)
  if (after.host === null) {
    demand(!after.members.some(isEligible), 'a room with someone eligible has a host')
    return
  }
  demand(host?.canHost === true, 'the host is a member that wants to be host')
  if (host.offlineSince !== null) {
    demand(now < host.offlineSince + after.policy.hostGraceMs, 'a host away is inside its grace')
  }
  // After a failover a reign goes on in a later term, also that of a host inside its grace.
  const isLater = after.term !== before.term && input.type !== 'failover'
  const isNew = after.host !== before.host || isLater
  if (isNew && before.recovery === null) demand(host.online, 'who is elected is online')
}

const checkSticky = ({ before, after, input }: Transition): void => {
  const host = memberOf(before, before.host)
  if (host === null || !isEligible(host) || before.epoch !== after.epoch) return
  if (after.host === before.host) {
    demand(mayGoOn({ before, after, input }), 'a reign that goes on keeps its term')
    return
  }
  const isOwn =
    (input.type === 'update' || input.type === 'transfer-host' || input.type === 'leave') &&
    input.id === host.id
  const isKicked = input.type === 'kick' && input.target === host.id
  const isBack = input.type === 'resume' && input.claims.id === host.id && !input.self.canHost
  const isAgain = 'identity' in input && input.identity?.isSingle && input.identity.sub === host.sub
  demand(
    isOwn || isKicked || isBack || isAgain === true,
    'a host that is online and eligible is not replaced',
  )
}

/** In the same term; or in one that is far later, when the store was replaced. */
const mayGoOn = ({
  before,
  after,
  input,
}: Pick<Transition, 'before' | 'after' | 'input'>): boolean =>
  input.type === 'failover' ? after.term > before.term + 1 : after.term === before.term

const checkAddressees = ({ after, effects, input }: Transition): void => {
  const members = new Set(after.members.map(({ connection }) => connection))
  const by = 'connection' in input ? input.connection : null
  for (const effect of effects) {
    const to = addresseesOf(effect)
    demand(to.length > 0, 'nothing is sent to nobody')
    const isRight = to.every((connection) => {
      if (effect.type === 'close' || effect.type === 'refuse') return !members.has(connection)
      const isError = effect.type === 'send' && effect.message.type === 'error'
      return isError ? connection === by : members.has(connection)
    })
    demand(isRight, `a ${effect.type} goes only where it should`)
  }
}

const addresseesOf = (effect: RoomEffect): readonly ConnectionId[] => {
  if (effect.type === 'close') return [effect.connection]
  return effect.type === 'send' ? effect.to : [effect.to]
}

const checkDuplicate = ({ after, input, now }: Transition): void => {
  // Two failovers are two.
  if (input.type === 'failover') return
  const [again, effects] = step(after, input, now)
  demand(again === after, 'an input that comes twice changes nothing the second time')
  const isAnswer = (effect: RoomEffect): boolean =>
    effect.type === 'refuse' || (effect.type === 'send' && effect.message.type === 'error')
  demand(effects.every(isAnswer), 'an input that comes twice tells nobody anything')
}

const checkPurity = ({ before, input, now, after, effects }: Transition): void => {
  const copy: Room = JSON.parse(JSON.stringify(before))
  const twin: Step = step(copy, input, now)
  demand(isDeepStrictEqual(twin, [after, effects]), 'a step depends on nothing but its arguments')
  demand(isDeepStrictEqual(JSON.parse(JSON.stringify(after)), after), 'a room survives JSON')
}

const checkDeadline = ({ after, now }: Transition): void => {
  const due = deadline(after)
  if (due === null) {
    demand(step(after, { type: 'tick' }, now + 1e9)[0] === after, 'without a deadline time is idle')
    return
  }
  demand(due > now, 'what was due is done')
  const [early, nothing] = step(after, { type: 'tick' }, due - 1)
  demand(early === after && nothing.length === 0, 'before the deadline a tick changes nothing')
  const [next] = step(after, { type: 'tick' }, due)
  const nextDue = deadline(next)
  demand(next !== after, 'at the deadline a tick does something')
  demand(nextDue === null || nextDue > due, 'at the deadline a tick does all that is due')
}

const checkEmptiness = ({ after }: Transition): void => {
  demand(after.members.length <= after.policy.maxMembers, 'a room has no more members than it may')
  demand(isEmpty(after) || deadline(after) !== null, 'a room that stays has a time limit')
}

/** In these runs whoever is of one `sub` either always asks to be the only one, or never. */
const checkSingles = ({ after, input }: Transition): void => {
  if (!('identity' in input) || input.identity?.isSingle !== true) return
  const { sub } = input.identity
  const same = after.members.filter((member) => member.sub === sub)
  demand(same.length <= 1, 'there is one member of a sub where that is asked for')
}

const checkTokens = ({ after, effects }: Transition): void => {
  const online = after.members.filter((member) => member.online)
  for (const member of online) {
    demand(member.tokenTerm === after.term, 'every token names the present reign')
    demand(member.tokenOnline >= online.length, 'every token counts all that are online')
  }
  for (const effect of effects) {
    if (effect.type !== 'welcome' && effect.type !== 'resume') continue
    demand(effect.claims.epoch === after.epoch, 'a token is of the present epoch')
    demand(effect.claims.term <= after.term, 'a token names no reign to come')
  }
}

const checkWaiting = ({ after, input }: Transition): void => {
  const returning = after.recovery?.returning ?? []
  if (input.type !== 'resume' || returning.length === 0) return
  const isCounted = returning.some(({ connection }) => connection === input.connection)
  const newest = Math.max(...returning.map(({ claims }) => claims.term))
  const counts = returning.map(({ claims }) => (claims.term === newest ? claims.online : 0))
  const people = new Set(
    returning.map(({ identity, claims }) => (identity?.isSingle ? identity.sub : claims.id)),
  )
  const isComplete = isCounted && people.size >= Math.max(...counts)
  demand(!isComplete, 'nobody waits once as many are back as the newest token counted')
}

export const memberOf = (room: Room, id: string | null): RoomMember | null =>
  room.members.find((member) => member.id === id) ?? null
