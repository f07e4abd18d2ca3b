import { m } from '../paraglide/messages.js'

/** The protocol's limit, in UTF-8 bytes. */
export const maxRoomNameBytes = 128

const moods = 'brisk calm clear early gentle lucid mellow misty quiet sunny tidy warm wild windy'
const colours =
  'amber azure blue copper coral golden green hazel indigo ivory olive plum ruby silver teal white'
const places =
  'attic bay bridge brook cabin cove door ferry field garden gate harbor hill island lamp loom meadow mill orchard path pier porch river shore spindle tower window'

const pick = (words: string): string => {
  const list = words.split(' ')
  return list[Math.floor(Math.random() * list.length)] ?? 'blue'
}

/** A friendly name that is easy to say over the phone, such as `quiet-blue-door`. */
export const proposeRoomName = (): string => `${pick(moods)}-${pick(colours)}-${pick(places)}`

const byteLength = (text: string): number => new TextEncoder().encode(text).length

/** What is wrong with a room name, as a sentence; `null` if it is valid. */
export function roomNameProblem(name: string): string | null {
  if (name === '') return m.room_name_empty()
  if (/\p{Cc}/u.test(name)) return m.room_name_control()
  const excess = byteLength(name) - maxRoomNameBytes
  return excess > 0 ? m.room_name_too_long({ excess }) : null
}
