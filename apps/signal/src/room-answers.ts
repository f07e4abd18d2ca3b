import { errorMessage } from '@skein/protocol'
import type { RoomEffect, RoomInput } from '@skein/protocol/room'

/** What the sender of an input hears when the room could not be changed. */
export const answerToFailure = (input: RoomInput): readonly RoomEffect[] => {
  if (!isAwaited(input)) return []
  const isJoin = input.type === 'join' || input.type === 'resume'
  const about = isJoin ? 'join' : input.type
  const message = errorMessage({ code: 'overloaded', retryAfterMs: 1_000, about })
  return isJoin
    ? [{ type: 'refuse', to: input.connection, message }]
    : [{ type: 'send', to: [input.connection], message }]
}

type Awaited = Extract<RoomInput, { connection: unknown }>

/** Whether somebody waits for an answer. */
const isAwaited = (input: RoomInput): input is Exclude<Awaited, { type: 'lost' | 'leave' }> =>
  'connection' in input && input.type !== 'lost' && input.type !== 'leave'

/** What the sender of an input hears when there is no such room. */
export const answerToNothing = (input: RoomInput): readonly RoomEffect[] =>
  input.type === 'resume'
    ? [
        {
          type: 'refuse',
          to: input.connection,
          message: errorMessage({ code: 'resume-rejected', about: 'join' }),
        },
      ]
    : []

/**
 * What to put after an input of which nobody knows whether it happened. Nobody sends a loss or a
 * leave again; and who was told to try again must not be a member meanwhile.
 */
export const undoing = (input: RoomInput): readonly RoomInput[] => {
  switch (input.type) {
    case 'lost':
    case 'leave':
    case 'node-lost':
      return [input]
    case 'join':
      return [{ type: 'leave', connection: input.connection, id: input.id }]
    case 'resume':
      return [{ type: 'lost', connection: input.connection, id: input.claims.id }]
    default:
      return []
  }
}
