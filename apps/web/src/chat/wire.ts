import type { JsonValue } from '../lib/room.svelte.ts'

/** What travels on the channel `chat`. */
export interface ChatPayload {
  readonly text: string
  /** Mine to choose: a retry carries the same one, so that nobody sees it twice. */
  readonly id: string
}

/** The longest message that is written or shown, in UTF-16 units. */
export const maxTextLength = 8_000

const isObject = (value: JsonValue): value is { readonly [key: string]: JsonValue | undefined } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads what a peer sent; `null` when it is no chat message. */
export function readChat(data: JsonValue): ChatPayload | null {
  if (!isObject(data) || typeof data.text !== 'string' || data.text === '') return null
  const id = typeof data.id === 'string' ? data.id : crypto.randomUUID()
  return { id, text: data.text.slice(0, maxTextLength) }
}
