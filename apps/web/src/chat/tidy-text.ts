/** What is sent of a draft: without blank lines around it, with its first indentation. */
export const tidyText = (draft: string): string => draft.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd()
