import type { ScreenName } from './screen-names.ts'

/** One picture, of a file beside the sheet. */
export interface Picture {
  readonly screen: ScreenName
  readonly file: string
  /** Size, theme and language. */
  readonly caption: string
}

const style = `
  body { margin: 2rem; background: #d8d6d0; font: 0.875rem system-ui, sans-serif }
  section { display: flex; flex-wrap: wrap; align-items: end; gap: 1rem; margin-bottom: 3rem }
  h2 { flex-basis: 100%; margin: 0 }
  figure { margin: 0 }
  img { display: block; height: 22rem; box-shadow: 0 0 0 1px #0003 }
`

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

/** All pictures on one page, a section for each screen. */
export function contactSheet(pictures: readonly Picture[]): string {
  const sections = [...Map.groupBy(pictures, ({ screen }) => screen)].map(([screen, each]) => {
    const figures = each.map(
      ({ file, caption }) =>
        `<figure><a href="${escapeHtml(file)}"><img src="${escapeHtml(file)}" alt="${escapeHtml(`${screen}, ${caption}`)}" /></a><figcaption>${escapeHtml(caption)}</figcaption></figure>`,
    )
    return `<section id="${screen}"><h2>${screen}</h2>${figures.join('\n')}</section>`
  })
  return `<!doctype html><meta charset="utf-8" /><title>Screens of Skein</title><style>${style}</style>\n${sections.join('\n')}\n`
}
