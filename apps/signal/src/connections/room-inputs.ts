import { randomBytes } from 'node:crypto'
import {
  type ConnectionId,
  type JoinMessage,
  type KickMessage,
  type PeerId,
  peerId,
  type TransferHostMessage,
  type UpdateMessage,
} from '@skein/protocol'
import type { Absence, RoomInput } from '@skein/protocol/room'
import { type Grant, limitToGrant } from '../auth/grant.ts'
import type { QueuedInput } from '../rooms/local-room.ts'
import type { Attachment } from '../rooms/resync.ts'
import type { ConnectionContext } from './connection-context.ts'
import type { SignalSender } from './connection-state.ts'

/** The input for a join or resume, and the ID that the member will have. */
export interface QueuedJoin extends QueuedInput {
  readonly id: PeerId
}

/**
 * Creates the input for a join message. `null`: its resume token is invalid, expired, or for
 * another room.
 */
export const joinInput = (
  message: JoinMessage,
  {
    connection,
    context,
    grant,
  }: {
    readonly connection: ConnectionId
    readonly context: ConnectionContext
    readonly grant: Grant
  },
): QueuedJoin | null => {
  const { room, presence, canHost, priority, resume } = message
  const self = limitToGrant({ presence, canHost, priority }, grant)
  const common = { connection, self, identity: grant.identity }
  if (resume === null) {
    const id = newPeerId()
    return { id, input: { type: 'join', id, ...common }, mayCreate: true }
  }
  const verified = context.tokens.verify(resume, context.now())
  if (verified === null || verified.claims.room !== room) return null
  const mayCreate = context.mayRebuild(verified.boot)
  const { claims } = verified
  return { id: claims.id, input: { type: 'resume', claims, ...common }, mayCreate }
}

/** 128 random bits. */
const newPeerId = (): PeerId => peerId(randomBytes(16).toString('base64url'))

/** Creates the input for a message that changes the room; `null`: the sender lacks the right. */
export const changeInput = (
  message: UpdateMessage | TransferHostMessage | KickMessage,
  { connection, self: id }: SignalSender,
  grant: Grant,
): RoomInput | null => {
  switch (message.type) {
    case 'update': {
      const { type, ...change } = message
      return { type, connection, id, change: limitToGrant(change, grant) }
    }
    case 'transfer-host':
      return { type: 'transfer-host', connection, id, to: message.to }
    case 'kick': {
      const { type, id: target, reason } = message
      return grant.mayKick ? { type, connection, id, target, reason } : null
    }
  }
}

/** Creates the input for a connection that ends. */
export const departInput = (
  { connection, peer: id }: Attachment,
  type: 'lost' | 'leave',
  absence: Absence,
): RoomInput => (type === 'leave' ? { type, connection, id } : { type, connection, id, absence })
