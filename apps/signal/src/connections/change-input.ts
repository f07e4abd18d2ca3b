import type { KickMessage, TransferHostMessage, UpdateMessage } from '@skein/protocol'
import type { RoomInput } from '@skein/protocol/room'
import { bounded, type Grant } from '../auth/grant.ts'
import type { SignalSender } from './relay-signal.ts'

/** A message that changes the room as the core wants it; `null`: the sender has no right to it. */
export const changeInput = (
  message: UpdateMessage | TransferHostMessage | KickMessage,
  { connection, self: id }: SignalSender,
  grant: Grant,
): RoomInput | null => {
  switch (message.type) {
    case 'update': {
      const { type, ...change } = message
      return { type, connection, id, change: bounded(change, grant) }
    }
    case 'transfer-host':
      return { type: 'transfer-host', connection, id, to: message.to }
    case 'kick': {
      const { type, id: target, reason } = message
      return grant.mayKick ? { type, connection, id, target, reason } : null
    }
  }
}
