/** Splits text into what people see as single characters: an emoji of a family is one. */
export function graphemes(text: string): readonly string[] {
  // Firefox has it since version 125.
  if (!('Segmenter' in Intl)) return Array.from(text)
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/** The first character of a name, as a capital letter. */
export function initialOf(name: string): string {
  const capital = graphemes(name)[0]?.toLocaleUpperCase() ?? ''
  // The capital of `ß` is two letters.
  return graphemes(capital)[0] ?? ''
}
