/** A part of a message: running text, or lines of code between lines of three backticks. */
export interface MessageBlock {
  readonly type: 'text' | 'code'
  readonly text: string
}

const fence = /^[^\S\n]*```[^\n`]*\n([\s\S]*?)\n?^[^\S\n]*```[^\S\n]*$/gmu

/** Splits a message into text and code. A fence that is not closed is text. */
export function messageBlocks(text: string): readonly MessageBlock[] {
  const blocks: MessageBlock[] = []
  const addText = (part: string) => {
    const trimmed = part.replace(/^\n|\n$/g, '')
    if (trimmed !== '') blocks.push({ type: 'text', text: trimmed })
  }
  let end = 0
  for (const match of text.matchAll(fence)) {
    addText(text.slice(end, match.index))
    blocks.push({ type: 'code', text: match[1] ?? '' })
    end = match.index + match[0].length
  }
  addText(text.slice(end))
  return blocks
}

const emojiSource = '^(?:\\s*\\p{RGI_Emoji}){1,3}\\s*$'

/** From a string: browsers that lack the flag `v` would not load the module. */
const emojiPattern = (): RegExp | null => {
  try {
    return new RegExp(emojiSource, 'v')
  } catch {
    return null
  }
}
const onlyEmoji = emojiPattern()

/** Whether the message is one to three emoji and nothing else. */
export const isOnlyEmoji = (text: string): boolean =>
  text.length <= 60 && onlyEmoji?.test(text) === true
