import type { HtmlTagDescriptor, Plugin } from 'vite'

const title = 'Skein'
const description = 'Open a room, share the link, and chat directly from browser to browser.'

/**
 * What messengers show of a link. Most of them need the whole address of the picture: `site` is where
 * the page will be. `pnpm --filter @skein/web pictures` retakes it.
 */
export function socialCard(site: string | undefined): Plugin {
  const image = site ? new URL('social-card.png', site).href : './social-card.png'
  const og = (property: string, content: string): HtmlTagDescriptor => ({
    tag: 'meta',
    attrs: { property: `og:${property}`, content },
    injectTo: 'head',
  })
  return {
    name: 'skein:social-card',
    transformIndexHtml: () => [
      og('type', 'website'),
      og('title', title),
      og('description', description),
      og('image', image),
      {
        tag: 'meta',
        attrs: { name: 'twitter:card', content: 'summary_large_image' },
        injectTo: 'head',
      },
    ],
  }
}
