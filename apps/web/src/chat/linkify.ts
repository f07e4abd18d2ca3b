/** A run of text, with an `href` if it is a link. */
export interface TextPart {
  readonly text: string
  readonly href: string | null
}

const webAddress = /https?:\/\/[^\s<>"“”「」《》，。；：！？、（）]+/giu
/** Punctuation of the sentence around the address. */
const trailingPunctuation = /[.,;:!?'’)\]}]+$/u

function asHref(address: string): string | null {
  return URL.canParse(address) ? address : null
}

/** Splits text into plain runs and web addresses. Only `http:` and `https:` become links. */
export function linkify(text: string): readonly TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const match of text.matchAll(webAddress)) {
    const address = trimPunctuation(match[0])
    const href = asHref(address)
    if (href === null) continue
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: null })
    parts.push({ text: address, href })
    end = match.index + address.length
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: null })
  return parts
}

/** Strips trailing punctuation, except a bracket opened inside the address, as in Wikipedia links. */
function trimPunctuation(address: string): string {
  const bare = address.replace(trailingPunctuation, '')
  const rest = address.slice(bare.length)
  return bare.includes('(') && !bare.includes(')') && rest.startsWith(')') ? `${bare})` : bare
}
