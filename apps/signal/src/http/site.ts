import { serveStatic } from '@hono/node-server/serve-static'
import type { Context, Hono } from 'hono'

/**
 * Serves a built site. Files with a hash in their name are immutable; the page is revalidated on
 * every load. Any path that is not a file gets the page.
 */
export const addSite = (app: Hono, root: string): void => {
  app.use('*', async (context, next) => {
    await next()
    if (context.res.ok) setHeaders(context)
  })
  app.use('*', serveStatic({ root, precompressed: true }))
  // A missing script must not get the page as its response.
  app.get('/assets/*', (context) => context.notFound())
  app.get('*', serveStatic({ root, precompressed: true, path: 'index.html' }))
}

/**
 * `blob:` is for images and files that peers sent, `'unsafe-inline'` for components that set a
 * style attribute.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  "connect-src 'self' ws: wss:",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const setHeaders = (context: Context): void => {
  const isHashed = context.req.path.startsWith('/assets/')
  context.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
  context.header('Content-Security-Policy', contentSecurityPolicy)
  context.header('Referrer-Policy', 'no-referrer')
}
