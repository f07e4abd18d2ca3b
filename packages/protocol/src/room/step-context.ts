import { errorMessage } from '../codec/encode.ts'
import type { ErrorCode } from '../errors.ts'
import type { ConnectionId, Millis, PeerId } from '../ids.ts'
import type { ClientMessage, RoomMessage } from '../messages.ts'
import { protocolVersion } from '../version.ts'
import { findMember, publicMember, withMember } from './members.ts'
import type { Room, RoomEffect, RoomMember } from './room.ts'
import { claimsOf, withFreshToken } from './tokens.ts'

/** One step at work: the room as it is so far and what is to be done. It never leaves `step`. */
export interface StepContext {
  room: Room
  readonly now: Millis
  readonly effects: RoomEffect[]
  /** Who is about to get a welcome: it will contain all that happens until then. */
  readonly arriving: Map<PeerId, { readonly isResumed: boolean }>
  /** Who got one: nothing may be sent to them before it. */
  readonly welcomed: Set<ConnectionId>
}

type WithoutRevision<Message> = Message extends RoomMessage ? Omit<Message, 'revision'> : never

/** Tells everyone online, under the next revision, but those who are about to get a welcome. */
export const broadcast = (context: StepContext, message: WithoutRevision<RoomMessage>): void => {
  const revision = context.room.revision + 1
  context.room = { ...context.room, revision }
  const to = context.room.members.flatMap(({ id, connection }) =>
    connection === null || context.arriving.has(id) ? [] : [connection],
  )
  if (to.length > 0) context.effects.push({ type: 'send', to, message: { ...message, revision } })
}

/** Everyone online will get a welcome: what they saw last may not be what the room goes on from. */
export const resendWelcomeToAll = ({ room, arriving }: StepContext): void => {
  for (const { id, online } of room.members) if (online) arriving.set(id, { isResumed: true })
}

/** Gives everyone who is arriving the room as it now is, and a token that says the same. */
export const welcome = (context: StepContext): void => {
  for (const [id, { isResumed }] of context.arriving) {
    const member = findMember(context.room, id)
    if (member === null || member.connection === null) continue
    const self = withFreshToken(context.room, { member, now: context.now })
    context.room = withMember(context.room, self)
    context.welcomed.add(member.connection)
    context.effects.push({
      type: 'welcome',
      to: member.connection,
      message: welcomeOf(context.room, { self, isResumed }),
      claims: claimsOf(context.room, self),
    })
  }
  context.arriving.clear()
}

/** What a member is told when it comes in, and when nobody knows what it has heard. */
export const welcomeOf = (
  room: Room,
  { self, isResumed }: { readonly self: RoomMember; readonly isResumed: boolean },
): Extract<RoomEffect, { type: 'welcome' }>['message'] => ({
  type: 'welcome',
  v: protocolVersion,
  self: publicMember(self),
  room: room.name,
  epoch: room.epoch,
  revision: room.revision,
  term: room.term,
  host: room.host,
  peers: room.members.filter(({ id }) => id !== self.id).map(publicMember),
  resumed: isResumed,
})

/** Answers a member's message with an error; nothing has changed. */
export const sendError = (
  context: StepContext,
  answered: {
    readonly to: ConnectionId
    readonly code: ErrorCode
    readonly about: ClientMessage['type']
  },
): void => {
  const { to, ...error } = answered
  context.effects.push({ type: 'send', to: [to], message: errorMessage(error) })
}

/** Refuses a join or a resume: the connection is no member and may try again. */
export const refuse = (
  context: StepContext,
  { to, code }: { readonly to: ConnectionId; readonly code: ErrorCode },
): void => {
  context.effects.push({ type: 'refuse', to, message: errorMessage({ code, about: 'join' }) })
}
