import type { PeerId } from '@skein/protocol'
import {
  badFrames,
  oddRoomNames,
  pick,
  type Random,
  randomBelow,
  randomClientMessage,
} from '@skein/protocol/testing'

/** Values that a hostile client has learned in rooms. */
export interface KnownValues {
  readonly ids: readonly PeerId[]
  readonly tokens: readonly string[]
  /** JWTs by room; empty when the server requires none. */
  readonly joinTokens: ReadonlyMap<string, readonly string[]>
}

/** Returns the text of a frame: valid, or with probability `mutationRate` broken. */
export const fuzzMessage = (
  random: Random,
  { known, mutationRate }: { readonly known: KnownValues; readonly mutationRate: number },
): string => {
  const message = validMessage(random, known)
  if (random() >= mutationRate) return JSON.stringify(message)
  const choice = random()
  if (choice < 0.1) return pick(random, Object.values(badFrames))
  if (choice < 0.7) return serializeOddly(random, mutate(random, message))
  return corrupt(random, JSON.stringify(message))
}

/** A valid join: without one, a client never gets past the first check. */
export const validJoin = (random: Random, { tokens, joinTokens }: KnownValues): string => {
  const resume = random() < 0.3 && tokens.length > 0 ? pick(random, tokens) : null
  const room = pick(random, random() < 0.7 ? commonRooms : fuzzRooms)
  const joinToken = pick(random, joinTokens.get(room) ?? [null])
  // Sometimes truncated.
  const token = random() < 0.1 ? (joinToken?.slice(0, -1) ?? null) : joinToken
  return JSON.stringify({ type: 'join', v: 1, room, resume, token })
}

/** Only a few rooms, so that clients meet: most messages need a second member. */
const commonRooms = ['one', 'two', 'three']
export const fuzzRooms: readonly string[] = [...commonRooms, ...oddRoomNames]

const validMessage = (random: Random, { ids, tokens }: KnownValues): Json => {
  const message: Json = JSON.parse(JSON.stringify(randomClientMessage(random)))
  if (!isObject(message) || ids.length === 0) return message
  if ('to' in message) message.to = pick(random, ids)
  if (message.type === 'kick') message.id = pick(random, ids)
  if (message.type === 'join' && tokens.length > 0) message.resume = pick(random, tokens)
  return message
}

type Json = null | boolean | number | string | Json[] | JsonObject
interface JsonObject {
  [key: string]: Json
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Changes one to three values or keys, at any depth. */
const mutate = (random: Random, message: Json): Json => {
  let changed = message
  for (let remaining = 1 + randomBelow(random, 3); remaining > 0; remaining -= 1)
    changed = changeOne(random, changed)
  return changed
}

const changeOne = (random: Random, value: Json): Json => {
  if (!isObject(value) || random() < 0.15) return pick(random, oddValues)
  const keys = Object.keys(value)
  if (keys.length === 0 || random() < 0.15)
    return { ...value, [pick(random, oddKeys)]: pick(random, oddValues) }
  const key = pick(random, keys)
  const { [key]: old = null, ...rest } = value
  if (random() < 0.2) return rest
  if (random() < 0.2) return { ...rest, [pick(random, oddKeys)]: old }
  return { ...value, [key]: changeOne(random, old) }
}

const oddKeys = [
  '__proto__',
  'constructor',
  'toString',
  'type',
  'from',
  'id',
  'room',
  '',
  '\0',
  '🪿',
]
const deep = (levels: number): Json => {
  let value: Json = null
  for (let level = 0; level < levels; level += 1) value = { x: [value] }
  return value
}
const oddValues: readonly Json[] = [
  null,
  true,
  -1,
  -0.5,
  2 ** 31,
  2 ** 53,
  1e308,
  '',
  '\0',
  '\ud83e',
  '‮',
  'constructor',
  'x'.repeat(200),
  'x'.repeat(5_000),
  'ü'.repeat(30_000),
  [],
  {},
  Array.from({ length: 1_000 }, () => null),
  deep(5),
  deep(2_000),
]

/** JSON with unusual whitespace, escapes, duplicate fields or out-of-range numbers. */
const serializeOddly = (random: Random, value: Json): string => {
  const text = JSON.stringify(value)
  const choice = random()
  if (choice < 0.2) return JSON.stringify(value, null, '\t')
  if (choice < 0.3)
    return text.replace(/[a-z]/g, (letter) => (random() < 0.3 ? unicodeEscape(letter) : letter))
  if (choice < 0.4 && isObject(value)) return `${text.slice(0, -1)},"type":"leave","to":"x"}`
  if (choice < 0.5) return text.replace(/\d+/, '1e999999')
  return text
}

const unicodeEscape = (letter: string): string =>
  `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Truncates or doubles the text, or changes one character. */
const corrupt = (random: Random, text: string): string => {
  const at = randomBelow(random, text.length)
  const choice = random()
  if (choice < 0.3) return text.slice(0, at)
  if (choice < 0.4) return text + text
  const odd = pick(random, ['"', '\\', '{', '}', ',', '\0', '\n', '9', 'e', '🪿'])
  return text.slice(0, at) + odd + text.slice(at + (random() < 0.5 ? 1 : 0))
}
