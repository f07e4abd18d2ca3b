import { randomId } from '../lib/random-id.ts'
import type { JsonValue } from '../lib/room.svelte.ts'

/** The payload of the `chat` channel. */
export interface ChatPayload {
  readonly text: string
  /** Chosen by the sender. A retry reuses it, so that nobody sees the message twice. */
  readonly id: string
}

/** The longest message to send or show, in UTF-16 code units. */
export const maxTextLength = 8_000

const isObject = (value: JsonValue): value is { readonly [key: string]: JsonValue | undefined } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Parses data from a peer; `null` if it is not a chat message. */
export function readChat(data: JsonValue): ChatPayload | null {
  if (!isObject(data) || typeof data.text !== 'string' || data.text === '') return null
  const id = typeof data.id === 'string' ? data.id : randomId()
  return { id, text: data.text.slice(0, maxTextLength) }
}
