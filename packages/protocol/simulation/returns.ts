import type { PeerId } from '../src/ids.ts'
import type { ResumeClaims, Returning, Room, RoomEffect } from '../src/room/index.ts'
import { demand } from './demand.ts'
import { memberOf, type Transition } from './invariants.ts'

type Welcome = Extract<RoomEffect, { type: 'welcome' }>

/** A resume in an open room: what it keeps, and who is sent away (4). */
export const checkResume = (transition: Transition, { age }: { readonly age: number }): void => {
  const { before, input, now, after, effects } = transition
  if (input.type !== 'resume' || before.recovery !== null) return
  const { claims, connection, self } = input
  const member = memberOf(before, claims.id)
  const isKept = member !== null && isInGrace(before, { id: member.id, now })
  const welcome = welcomesOf(effects).find(({ to }) => to === connection)
  if (!isKept || claims.epoch !== before.epoch || age > 1) {
    demand(welcome === undefined, 'no token of a member that is gone, or too old, is accepted')
    return
  }
  demand(welcome !== undefined, 'a resume inside the grace is accepted')
  demand(welcome.message.resumed, 'a resume is told that it is one')
  demand(welcome.message.self.joinOrder === member.joinOrder, 'a resume keeps its place')
  if (before.host !== member.id || !self.canHost || !isHostInGrace(before, now)) return
  demand(after.host === member.id && after.term === before.term, 'a host that is back reigns on')
}

/** The end of a recovery: the room is what those who came back say it was. */
export const checkRebuild = (transition: Transition): void => {
  const { before, after, effects } = transition
  const back = returningOf(transition)
  const staying = stayingOf(transition)
  if (after.recovery !== null || staying.length === 0) return
  const resumed = welcomesOf(effects).filter(({ message }) => message.resumed)
  demand(after.epoch === highest(back, 'epoch'), 'the highest epoch wins')
  for (const { connection, claims } of staying) {
    const own = resumed.filter(({ to }) => to === connection)
    demand(own.length === 1, 'everyone who came back gets one welcome')
    const self = own[0]?.message.self
    demand(self?.id === claims.id, 'everyone who came back keeps the id')
    demand(self.joinOrder === claims.joinOrder, 'everyone who came back keeps the place')
    demand(after.nextJoinOrder > claims.joinOrder, 'join orders are not used again')
  }
  if (before.recovery?.newcomers.length === 0) checkReign(after, { back, staying })
}

const checkReign = (
  after: Room,
  {
    back,
    staying,
  }: { readonly back: readonly Returning[]; readonly staying: readonly Returning[] },
): void => {
  const term = highest(back, 'term')
  const hosts = new Set(back.filter(({ claims }) => claims.term === term).map(hostOf))
  if (hosts.size > 1) {
    demand(after.term === term + 1, 'where two histories meet neither reign goes on')
    return
  }
  const [host = null] = hosts
  const isBack = staying.some(({ claims, self }) => claims.id === host && self.canHost)
  const isSame = after.host === host && after.term === term
  if (isBack) demand(isSame, 'the host of the highest term keeps its role if it is back')
  else demand(isSame ? host === null : after.term === term + 1, 'else the term rises by one')
}

/** Those who stay of the ones who were there and the newcomers: a person, once, the latest. */
const stayingOf = ({ before, input }: Transition): readonly Returning[] => {
  const back = returningOf({ before, input })
  const newcomers = before.recovery?.newcomers ?? []
  const all = input.type === 'join' ? [...newcomers, input] : newcomers
  const isSame = (a: Returning, b: Pick<Returning, 'identity'>): boolean =>
    a.identity?.isSingle === true && a.identity.sub === b.identity?.sub
  const isLater = (a: ResumeClaims, b: ResumeClaims): boolean =>
    a.joinOrder > b.joinOrder || (a.joinOrder === b.joinOrder && a.id > b.id)
  return back.filter(
    (each) =>
      !all.some((newcomer) => isSame(each, newcomer)) &&
      !back.some((other) => isSame(each, other) && isLater(other.claims, each.claims)),
  )
}

const hostOf = ({ claims }: Returning): PeerId | null => claims.host

/** All with whom the room is opened: those who wait, and the one that ends the waiting. */
export const returningOf = ({
  before,
  input,
}: Pick<Transition, 'before' | 'input'>): readonly Returning[] => {
  if (before.recovery === null) return []
  const { returning, newcomers } = before.recovery
  if (input.type !== 'resume') return returning
  const isWaiting = [...returning, ...newcomers].some(
    (each) => each.connection === input.connection,
  )
  const all = isWaiting ? returning : [...returning, input]
  const epoch = highest(all, 'epoch')
  const latest = new Map<PeerId, Returning>()
  for (const each of all) if (each.claims.epoch === epoch) latest.set(each.claims.id, each)
  return [...latest.values()]
}

const welcomesOf = (effects: readonly RoomEffect[]): readonly Welcome[] =>
  effects.filter((effect) => effect.type === 'welcome')

const highest = (returning: readonly Returning[], claim: 'epoch' | 'term'): number =>
  Math.max(...returning.map(({ claims }) => claims[claim]))

const isInGrace = (
  room: Room,
  { id, now }: { readonly id: PeerId; readonly now: number },
): boolean => {
  const since = memberOf(room, id)?.offlineSince ?? null
  return since === null || now < since + room.policy.memberGraceMs
}

const isHostInGrace = (room: Room, now: number): boolean => {
  const since = memberOf(room, room.host)?.offlineSince ?? null
  return since === null || now < since + room.policy.hostGraceMs
}
