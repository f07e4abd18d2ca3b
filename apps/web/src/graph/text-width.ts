/** The size of text in one font. */
export interface TextSize {
  readonly widthOf: (text: string) => number
  readonly lineHeight: number
}

/** Text in the font of `element`. */
export function textSizeIn(element: Element): TextSize {
  // Not `font`: with forced colours, Chrome says that it is empty.
  const { fontWeight, fontSize, fontFamily } = getComputedStyle(element)
  const context = document.createElement('canvas').getContext('2d')
  if (context !== null) context.font = `${fontWeight} ${fontSize} ${fontFamily}`
  return {
    widthOf: (text) => Math.ceil(context?.measureText(text).width ?? 0),
    lineHeight: Math.ceil(1.5 * Number.parseFloat(fontSize)),
  }
}
