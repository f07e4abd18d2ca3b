import { isDye } from '../lib/dyes.ts'
import { tidyName } from '../lib/tidy-name.ts'
import type { Message } from './entries.ts'
import { maxTextLength } from './wire.ts'

/** The messages of a tab in one room, kept for its next reload. */
export interface KeptChat {
  /** The own id in the room. */
  readonly self: string
  readonly messages: readonly Message[]
}

/** What is kept: the newest messages, up to both limits. */
const maxMessages = 200
const maxLength = 256 * 1024

const keyOf = (room: string): string => `skein.chat.${room}`

type TabStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Keeps the chat in this tab alone. Without storage, or when it is full, nothing is kept. */
export function keepChat(storage: TabStorage, room: string, { self, messages }: KeptChat): void {
  const kept: string[] = []
  let length = 0
  for (const message of messages.slice(-maxMessages).reverse()) {
    const text = JSON.stringify(message)
    length += text.length
    if (length > maxLength) break
    kept.unshift(text)
  }
  try {
    storage.setItem(keyOf(room), `{"self":${JSON.stringify(self)},"messages":[${kept.join()}]}`)
  } catch {
    forgetChat(storage, room)
  }
}

/** `null` if there is none. Other pages of the same site may have written it: it is checked. */
export function readKeptChat(storage: TabStorage, room: string): KeptChat | null {
  try {
    const kept: unknown = JSON.parse(storage.getItem(keyOf(room)) ?? 'null')
    if (!isRecord(kept) || typeof kept.self !== 'string' || !Array.isArray(kept.messages)) {
      return null
    }
    const messages = kept.messages.slice(-maxMessages).map(readMessage)
    const valid = messages.filter((message) => message !== null)
    const byKey = new Map(valid.map((message) => [message.key, message]))
    return { self: kept.self, messages: [...byKey.values()] }
  } catch {
    return null
  }
}

export function forgetChat(storage: TabStorage, room: string): void {
  try {
    storage.removeItem(keyOf(room))
  } catch {
    // Without storage there is nothing to forget.
  }
}

function readMessage(value: unknown): Message | null {
  if (!isRecord(value)) return null
  const { key, at, from, name, colour, text, failure } = value
  const date = new Date(typeof at === 'string' ? at : Number.NaN)
  const isKnown = typeof key === 'string' && typeof from === 'string' && isDye(colour)
  if (!isKnown || typeof text !== 'string' || Number.isNaN(date.getTime())) return null
  return {
    kind: 'message',
    key,
    at: date,
    // The room that gave this id may have forgotten it: it only groups messages.
    from: from as Message['from'],
    name: tidyName(name),
    colour,
    isMine: value.isMine === true,
    text: text.slice(0, maxTextLength),
    // What was on its way when the page was left may have arrived or not: it can be sent again.
    failure: value.isSending === true ? 'closed' : typeof failure === 'string' ? failure : null,
    isSending: false,
    isUnheard: value.isUnheard === true,
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
