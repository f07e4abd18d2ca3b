import { errorMessage } from '@skein/protocol'
import type { RoomEffect, RoomInput } from '@skein/protocol/room'

/** The reply to an input when the room could not be changed. */
export const replyToFailure = (input: RoomInput): readonly RoomEffect[] => {
  if (!isRequest(input)) return []
  const isJoin = input.type === 'join' || input.type === 'resume'
  const about = isJoin ? 'join' : input.type
  const message = errorMessage({ code: 'overloaded', retryAfterMs: 1_000, about })
  return isJoin
    ? [{ type: 'refuse', to: input.connection, message }]
    : [{ type: 'send', to: [input.connection], message }]
}

type InputOfClient = Extract<RoomInput, { connection: unknown }>

/** Whether a client waits for a reply. */
const isRequest = (input: RoomInput): input is Exclude<InputOfClient, { type: 'lost' | 'leave' }> =>
  'connection' in input && input.type !== 'lost' && input.type !== 'leave'

/** The reply to an input when the room does not exist. */
export const replyToMissingRoom = (input: RoomInput): readonly RoomEffect[] =>
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
 * The inputs that undo or repeat inputs whose commit failed with unknown outcome. There is at most
 * one for each connection, token and node, however often the commit is retried.
 */
export const compensatingInputs = (inputs: readonly RoomInput[]): readonly RoomInput[] => {
  const bySource = new Map<string, CompensatingInput>()
  for (const each of inputs.flatMap(compensate)) {
    const source = sourceOf(each)
    // Leaving is final: a mere absence must not replace it.
    const earlier = bySource.get(source)
    if (earlier === undefined || !isFinal(earlier)) bySource.set(source, each)
  }
  return [...bySource.values()]
}

type CompensatingInput = Extract<RoomInput, { type: 'lost' | 'leave' | 'detach' | 'node-lost' }>

const sourceOf = (input: CompensatingInput): string => {
  switch (input.type) {
    case 'lost':
    case 'leave':
      return input.connection
    case 'detach':
      return `${input.claims.id} ${input.claims.tokenSerial}`
    case 'node-lost':
      return input.node
  }
}

const isFinal = (input: CompensatingInput): boolean =>
  input.type === 'leave' || (input.type === 'detach' && input.absence === 'left')

/**
 * Losses and leaves are repeated, because no client sends them again. Joins and resumes are undone,
 * because their clients were asked to retry and must not be members meanwhile.
 */
const compensate = (input: RoomInput): readonly CompensatingInput[] => {
  switch (input.type) {
    case 'lost':
    case 'leave':
    case 'detach':
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
