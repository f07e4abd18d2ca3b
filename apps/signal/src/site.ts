import { serveStatic } from '@hono/node-server/serve-static'
import type { Context, Hono } from 'hono'

/**
 * Serves a built site: what has a hash in its name for ever, the page itself never from a cache
 * without asking, and the page for every path that is no file.
 */
export const addSite = (app: Hono, root: string): void => {
  const found = { root, precompressed: true, onFound: setHeaders }
  app.use('*', serveStatic(found))
  // A missing script must not be answered with a page.
  app.get('/assets/*', (context) => context.notFound())
  app.get('*', serveStatic({ ...found, path: 'index.html' }))
}

/**
 * `blob:` is for pictures and files that peers sent; `'unsafe-inline'` of styles is for components
 * that set a style attribute.
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

const setHeaders = (path: string, context: Context): void => {
  const isHashed = /[\\/]assets[\\/]/.test(path)
  context.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
  context.header('Content-Security-Policy', contentSecurityPolicy)
  context.header('Referrer-Policy', 'no-referrer')
}
