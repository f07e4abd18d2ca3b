import { m } from '../paraglide/messages.js'

/** The colours of people, named after yarn dyes. Their values are tokens in `app.css`. */
export const dyes = [
  'madder',
  'ochre',
  'moss',
  'spruce',
  'indigo',
  'plum',
  'rose',
  'slate',
] as const

export type Dye = (typeof dyes)[number]

export const isDye = (value: unknown): value is Dye => dyes.some((dye) => dye === value)

/** A stable dye for a peer that has not chosen one. */
export function dyeOf(id: string): Dye {
  let sum = 0
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521
  return dyes[sum % dyes.length] ?? 'slate'
}

export const dyeName: Readonly<Record<Dye, () => string>> = {
  madder: m.colour_madder,
  ochre: m.colour_ochre,
  moss: m.colour_moss,
  spruce: m.colour_spruce,
  indigo: m.colour_indigo,
  plum: m.colour_plum,
  rose: m.colour_rose,
  slate: m.colour_slate,
}
