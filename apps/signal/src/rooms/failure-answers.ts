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
 * What to put after inputs of which nobody knows whether they happened: for each connection and each
 * node no more than one, however often it is tried.
 */
export const undoingAll = (inputs: readonly RoomInput[]): readonly RoomInput[] => {
  const found = new Map<string, Undoing>()
  for (const each of inputs.flatMap(undoing)) {
    const whose = each.type === 'node-lost' ? each.node : each.connection
    // Who leaves is gone for good, also when its socket is lost besides.
    if (found.get(whose)?.type !== 'leave') found.set(whose, each)
  }
  return [...found.values()]
}

type Undoing = Extract<RoomInput, { type: 'lost' | 'leave' | 'node-lost' }>

/**
 * Nobody sends a loss or a leave again; and who was told to try again must not be a member
 * meanwhile.
 */
const undoing = (input: RoomInput): readonly Undoing[] => {
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
