import type { PeerId } from '@skein/protocol'
import {
  badFrames,
  oddRoomNames,
  pick,
  type Random,
  randomBelow,
  randomClientMessage,
} from '@skein/protocol/testing'

/** What one knows who has been in rooms: others' ids, and tokens. */
export interface Knowledge {
  readonly ids: readonly PeerId[]
  readonly tokens: readonly string[]
  /** JWTs for rooms, where the server asks for them. */
  readonly passes: ReadonlyMap<string, readonly string[]>
}

/** A text that may stand in a frame: with the chance `wildness` one that is not as it should be. */
export const hostileText = (
  random: Random,
  { knowledge, wildness }: { readonly knowledge: Knowledge; readonly wildness: number },
): string => {
  const message = goodMessage(random, knowledge)
  if (random() >= wildness) return JSON.stringify(message)
  const way = random()
  if (way < 0.1) return pick(random, Object.values(badFrames))
  if (way < 0.7) return textOf(random, mutated(random, message))
  return scratched(random, JSON.stringify(message))
}

/** A join that is as it should be: nothing else leads further. */
export const goodJoin = (random: Random, { tokens, passes }: Knowledge): string => {
  const resume = random() < 0.3 && tokens.length > 0 ? pick(random, tokens) : null
  const room = pick(random, random() < 0.7 ? usualRooms : hostileRooms)
  const pass = pick(random, passes.get(room) ?? [null])
  // Now and then it lacks its end.
  const token = random() < 0.1 ? (pass?.slice(0, -1) ?? null) : pass
  return JSON.stringify({ type: 'join', v: 1, room, resume, token })
}

/** Few: who is alone does not get far. */
const usualRooms = ['one', 'two', 'three']
export const hostileRooms: readonly string[] = [...usualRooms, ...oddRoomNames]

const goodMessage = (random: Random, { ids, tokens }: Knowledge): Json => {
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

/** One to three places of the message are changed, wherever they are. */
const mutated = (random: Random, message: Json): Json => {
  let changed = message
  for (let left = 1 + randomBelow(random, 3); left > 0; left -= 1)
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

/** As JSON in another spelling: spaces, escapes, doubled fields, numbers beyond all numbers. */
const textOf = (random: Random, value: Json): string => {
  const text = JSON.stringify(value)
  const way = random()
  if (way < 0.2) return JSON.stringify(value, null, '\t')
  if (way < 0.3)
    return text.replace(/[a-z]/g, (letter) => (random() < 0.3 ? escaped(letter) : letter))
  if (way < 0.4 && isObject(value)) return `${text.slice(0, -1)},"type":"leave","to":"x"}`
  if (way < 0.5) return text.replace(/\d+/, '1e999999')
  return text
}

const escaped = (letter: string): string =>
  `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Cut off, doubled, or with a character changed. */
const scratched = (random: Random, text: string): string => {
  const at = randomBelow(random, text.length)
  const way = random()
  if (way < 0.3) return text.slice(0, at)
  if (way < 0.4) return text + text
  const odd = pick(random, ['"', '\\', '{', '}', ',', '\0', '\n', '9', 'e', '🪿'])
  return text.slice(0, at) + odd + text.slice(at + (random() < 0.5 ? 1 : 0))
}
