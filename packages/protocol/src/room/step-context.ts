import { errorMessage } from '../codec/encode.ts'
import type { ErrorCode } from '../errors.ts'
import type { ConnectionId, Millis, PeerId } from '../ids.ts'
import type { ClientMessage, RoomMessage } from '../messages.ts'
import { protocolVersion } from '../version.ts'
import { findMember, publicMember, withMember } from './members.ts'
import type { Room, RoomEffect, RoomMember } from './room.ts'
import { claimsOf, withFreshToken } from './tokens.ts'

/** The mutable state of one step; it never leaves `step`. */
export interface StepContext {
  room: Room
  readonly now: Millis
  readonly effects: RoomEffect[]
  /** Members that get a welcome later in this step: it covers everything that happens before it. */
  readonly pendingWelcomes: Map<PeerId, { readonly isResumed: boolean }>
  /** Connections welcomed in this step: nothing may be sent to them before the welcome. */
  readonly welcomed: Set<ConnectionId>
}

type WithoutRevision<Message> = Message extends RoomMessage ? Omit<Message, 'revision'> : never

/** Sends a message with the next revision to every online member without a pending welcome. */
export const broadcast = (context: StepContext, message: WithoutRevision<RoomMessage>): void => {
  const revision = context.room.revision + 1
  context.room = { ...context.room, revision }
  const to = context.room.members.flatMap(({ id, connection }) =>
    connection === null || context.pendingWelcomes.has(id) ? [] : [connection],
  )
  if (to.length > 0) context.effects.push({ type: 'send', to, message: { ...message, revision } })
}

/** Queues a welcome for every online member: the room may differ from what they last saw. */
export const queueWelcomesForAll = ({ room, pendingWelcomes }: StepContext): void => {
  for (const { id, online } of room.members)
    if (online) pendingWelcomes.set(id, { isResumed: true })
}

/** Sends the pending welcomes, each with a token that matches the room as it is now. */
export const sendWelcomes = (context: StepContext): void => {
  for (const [id, { isResumed }] of context.pendingWelcomes) {
    const member = findMember(context.room, id)
    if (member === null || member.connection === null) continue
    const self = withFreshToken(context.room, { member, now: context.now })
    context.room = withMember(context.room, self)
    context.welcomed.add(member.connection)
    context.effects.push({
      type: 'welcome',
      to: member.connection,
      message: createWelcome(context.room, { self, isResumed }),
      claims: claimsOf(context.room, self),
    })
  }
  context.pendingWelcomes.clear()
}

/**
 * Welcomes with the complete state, for members that may have missed messages. They go to the
 * connections for which `isRecipient` is true, and the room does not change.
 */
export const resendWelcome = (
  room: Room,
  isRecipient: (connection: ConnectionId) => boolean,
): readonly RoomEffect[] =>
  room.members.flatMap((member) => {
    const { connection } = member
    if (connection === null || !isRecipient(connection)) return []
    const message = createWelcome(room, { self: member, isResumed: true })
    return [{ type: 'welcome', to: connection, message, claims: claimsOf(room, member) }]
  })

const createWelcome = (
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

/** Replies to a member's message with an error. */
export const sendError = (
  context: StepContext,
  reply: {
    readonly to: ConnectionId
    readonly code: ErrorCode
    readonly about: ClientMessage['type']
  },
): void => {
  const { to, ...error } = reply
  context.effects.push({ type: 'send', to: [to], message: errorMessage(error) })
}

/** Rejects a join or a resume: the connection has no member and may try again. */
export const refuse = (
  context: StepContext,
  { to, code }: { readonly to: ConnectionId; readonly code: ErrorCode },
): void => {
  context.effects.push({ type: 'refuse', to, message: errorMessage({ code, about: 'join' }) })
}
