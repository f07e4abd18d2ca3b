/** The longest name shown, in code points. */
export const maxNameLength = 32

/** Control characters, and invisible characters that change the text direction. */
const unwanted = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** A name that is safe to show: one line, limited length. Empty if nothing is left. */
export function tidyName(value: unknown): string {
  if (typeof value !== 'string') return ''
  const visible = value.replace(unwanted, '').trim()
  return Array.from(visible).slice(0, maxNameLength).join('')
}
