/** The longest name that is shown, in characters. */
export const maxNameLength = 32

/** Control characters, and the invisible ones that would turn the direction of what follows. */
const unwanted = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** A name as it may be shown: one line, not too long; empty when there is nothing to show. */
export function tidyName(value: unknown): string {
  if (typeof value !== 'string') return ''
  const visible = value.replace(unwanted, '').trim()
  return Array.from(visible).slice(0, maxNameLength).join('')
}
