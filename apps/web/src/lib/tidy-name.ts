import { graphemes } from './graphemes.ts'

/** The longest name shown, in code points. */
export const maxNameLength = 32

/** Control characters, and invisible characters that change the text direction. */
const unwanted = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** A name that is safe to show: one line, limited length. Empty if nothing is left. */
export function tidyName(value: unknown): string {
  if (typeof value !== 'string') return ''
  const visible = value.replace(unwanted, '').trim()
  const points = Array.from(visible)
  if (points.length <= maxNameLength) return visible
  // One character as people see it may be many code points: it is kept whole or left out.
  let name = ''
  for (const character of graphemes(points.slice(0, 2 * maxNameLength).join(''))) {
    if (Array.from(name + character).length > maxNameLength) break
    name += character
  }
  return name === '' ? points.slice(0, maxNameLength).join('') : name.trimEnd()
}
