import { closeCodes } from '../src/close-codes.ts'
import type { ConnectionId, Millis, PeerId } from '../src/ids.ts'
import type { ResumeClaims, Room, RoomInput, RoomMember } from '../src/room/index.ts'
import { assertInvariant } from './assert-invariant.ts'
import type { Transition } from './transition.ts'

type Detach = Extract<RoomInput, { type: 'detach' }>

/** When the membership ends; never while the member is online. */
export const memberUntil = ({ policy }: Room, { offlineSince, absence }: RoomMember): Millis => {
  if (offlineSince === null) return Number.POSITIVE_INFINITY
  return offlineSince + (absence === 'reload' ? policy.reloadGraceMs : policy.memberGraceMs)
}

/** When a host that is offline loses its role; never while it is online. */
export const hostUntil = ({ policy }: Room, { offlineSince, absence }: RoomMember): Millis => {
  if (offlineSince === null) return Number.POSITIVE_INFINITY
  const graceMs = { lost: policy.hostGraceMs, reload: policy.reloadGraceMs, away: 0 }[absence]
  return offlineSince + graceMs
}

/** Whether a token was issued on the connection that the member has, or had last. */
export const isOfCurrentConnection = (room: Room, claims: ResumeClaims): boolean => {
  const member = room.members.find(({ id }) => id === claims.id)
  return (
    member !== undefined &&
    claims.epoch === room.epoch &&
    claims.tokenSerial > member.presentedSerial
  )
}

/** Checks what the goodbye of a page does: only to the page that holds the token (12). */
export const checkDetach = (transition: Transition): void => {
  const { before, input } = transition
  if (input.type !== 'detach') return
  if (before.recovery === null) checkDetachOfMember(transition, input)
  else checkDetachInRecovery(transition, input)
}

const checkDetachOfMember = (transition: Transition, { claims, absence }: Detach): void => {
  const { before, after } = transition
  if (!isOfCurrentConnection(before, claims)) {
    assertUnchanged(transition)
    return
  }
  const [previous, member] = [memberIn(before, claims.id), memberIn(after, claims.id)]
  if (absence === 'left') {
    assertInvariant(member === undefined, 'a page that leaves by its token is no member')
  } else {
    assertInvariant(member?.online === false, 'a page that goes by its token is offline')
    const isFirst = previous?.online === true || previous?.absence === 'lost'
    assertInvariant(
      member.absence === (isFirst ? absence : previous?.absence),
      'the first absence that a page reports counts',
    )
  }
  checkClosed(transition, previous?.connection ?? null)
}

const checkDetachInRecovery = (transition: Transition, { claims, absence }: Detach): void => {
  const { before, after } = transition
  const waiting = before.recovery?.returning.find((each) => each.claims.id === claims.id)
  const isOlder = waiting !== undefined && isOlderToken(claims, waiting.claims)
  if (absence === 'reload' || isOlder) {
    assertUnchanged(transition)
    return
  }
  if (waiting === undefined) return
  const { connection } = waiting
  checkClosed(transition, connection)
  const stillWaits = after.recovery?.returning.some((each) => each.connection === connection)
  assertInvariant(stillWaits !== true, 'a page that goes waits for no recovery')
  const isMember = memberIn(after, claims.id) !== undefined
  assertInvariant(!isMember, 'a page that goes during a recovery is no member when the room opens')
}

/** A member that left during a recovery is not let in, even if its resume arrives later (12). */
export const checkDeparted = ({ before, input, after }: Transition): void => {
  const returning = after.recovery?.returning.map(({ claims }) => claims.id) ?? []
  const present = new Set([...returning, ...after.members.map(({ id }) => id)])
  for (const departed of before.recovery?.departed ?? []) {
    const isLaterPage =
      input.type === 'resume' &&
      input.claims.id === departed.id &&
      isOlderToken(departed, input.claims)
    assertInvariant(
      isLaterPage || !present.has(departed.id),
      'a member that left during a recovery is not let in',
    )
  }
}

/** After an outage every offline member gets time to come back. */
export const checkExtendedGrace = ({ after, input }: Transition): void => {
  if (input.type !== 'extend-grace') return
  const { memberGraceMs, hostGraceMs, reloadGraceMs } = after.policy
  for (const member of after.members) {
    const { absence, id } = member
    const graceMs = absence === 'reload' ? reloadGraceMs : memberGraceMs
    const remaining = memberUntil(after, member) - input.until
    assertInvariant(
      remaining >= Math.min(graceMs, reconnectMs),
      'after an outage a member gets time to come back',
    )
    if (id !== after.host || absence === 'away') continue
    const role = hostUntil(after, member) - input.until
    assertInvariant(
      role >= Math.min(graceMs, hostGraceMs, reconnectMs),
      'after an outage a host gets time to come back',
    )
  }
}

/** How long a client takes to reconnect, at most. */
const reconnectMs: Millis = 3_000

const checkClosed = ({ effects }: Transition, connection: ConnectionId | null): void => {
  const closed = effects.filter((effect) => effect.type === 'close')
  const isClosed = closed.some(
    (effect) => effect.connection === connection && effect.code === closeCodes.goingAway,
  )
  assertInvariant(
    connection === null || isClosed,
    'the connection of a page that goes by its token is closed',
  )
}

const assertUnchanged = ({ before, after, effects }: Transition): void => {
  assertInvariant(
    before === after && effects.length === 0,
    'a token of an older connection ends no membership',
  )
}

type Serial = Pick<ResumeClaims, 'epoch' | 'tokenSerial'>

export const isOlderToken = (a: Serial, b: Serial): boolean =>
  a.epoch < b.epoch || (a.epoch === b.epoch && a.tokenSerial < b.tokenSerial)

const memberIn = (room: Room, id: PeerId): RoomMember | undefined =>
  room.members.find((member) => member.id === id)
