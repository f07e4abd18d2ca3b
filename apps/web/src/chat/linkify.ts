/** A run of text; `href` when it is a link. */
export interface TextPart {
  readonly text: string
  readonly href: string | null
}

const webAddress = /https?:\/\/[^\s<>"“”「」《》，。；：！？、（）]+/giu
/** Belongs to the sentence, not to the address. */
const trailing = /[.,;:!?'’)\]}]+$/u

function asHref(address: string): string | null {
  return URL.canParse(address) ? address : null
}

/** Cuts text into plain runs and web addresses. Only `http:` and `https:` become links. */
export function linkify(text: string): readonly TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const match of text.matchAll(webAddress)) {
    const address = balanced(match[0])
    const href = asHref(address)
    if (href === null) continue
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: null })
    parts.push({ text: address, href })
    end = match.index + address.length
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: null })
  return parts
}

/** Keeps a closing bracket that was opened inside the address, as in Wikipedia's. */
function balanced(address: string): string {
  const bare = address.replace(trailing, '')
  const rest = address.slice(bare.length)
  return bare.includes('(') && !bare.includes(')') && rest.startsWith(')') ? `${bare})` : bare
}
