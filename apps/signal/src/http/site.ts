import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Context, Hono } from 'hono'

/**
 * Serves a built site. Files with a hash in their name are immutable; the page is revalidated on
 * every load. `/r/NAME` leads to that room; any other path that is not a file gets `404.html`.
 */
export const addSite = (app: Hono, root: string): void => {
  const sources = configuredSources(join(root, 'config.json'))
  const missing = readText(join(root, '404.html'))
  app.use('*', async (context, next) => {
    await next()
    const isPage = context.res.headers.get('Content-Type')?.startsWith('text/html')
    if (context.res.ok || isPage) setHeaders(context, sources)
  })
  app.use('*', serveStatic({ root, precompressed: true }))
  // A missing script must not get a page as its response.
  app.get('/assets/*', (context) => context.notFound())
  app.get('/r/*', (context, next) => {
    const location = roomLocation(new URL(context.req.url).pathname)
    return location === null ? next() : Promise.resolve(context.redirect(location))
  })
  app.get('*', (context) => {
    if (missing === null) return context.notFound()
    return context.html(missing.replace(homeLink, `href="${pathToRoot(context.req.path)}"`), 404)
  })
}

/**
 * Where the page of a room is, relative to the requested path: the site may be served from a folder
 * that this server does not know. `null` if the path names no room.
 */
const roomLocation = (path: string): string | null => {
  const [, encoded, slash] = /^\/r\/([^/]+)(\/?)$/.exec(path) ?? []
  if (encoded === undefined) return null
  try {
    return `${slash ? '../../' : '../'}#/r/${encodeURIComponent(decodeURIComponent(encoded))}`
  } catch {
    // Malformed percent-encoding.
    return null
  }
}

/** The link to the start page in `404.html`. */
const homeLink = 'href="/"'

const pathToRoot = (path: string): string => '../'.repeat(path.split('/').length - 2) || './'

/** `null` if the file cannot be read. */
const readText = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

/**
 * The origins of another signaling server, if the site's `config.json` names one: over HTTP, pages
 * ask it whether it is there, and say goodbye. What the page cannot read allows nothing.
 */
const configuredSources = (file: string): string => {
  try {
    const { signal }: { signal?: unknown } = JSON.parse(readText(file) ?? '{}')
    const { protocol, host } = new URL(String(signal))
    if (protocol === 'wss:') return ` wss://${host} https://${host}`
    return protocol === 'ws:' ? ` ws://${host} http://${host}` : ''
  } catch {
    // Relative, as in the site as it is built: the page's own server.
    return ''
  }
}

/**
 * `blob:` is for images and files that peers sent, `'unsafe-inline'` for components that set a
 * style attribute.
 */
const contentSecurityPolicy = (host: string, sources: string): string =>
  [
    "default-src 'self'",
    `connect-src 'self'${socketSources(host)}${sources}`,
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/**
 * The page's own server, for browsers in which `'self'` leaves out WebSockets: Safari before 2022.
 * Empty when the `Host` header is anything but a name or an IPv4 address with an optional port: a
 * client wrote it, and it must not add a directive or a wildcard.
 *
 * @see https://github.com/w3c/webappsec-csp/issues/7
 * @see https://bugs.webkit.org/show_bug.cgi?id=235873
 */
const socketSources = (host: string): string =>
  /^[a-z0-9.-]{1,253}(:\d{1,5})?$/i.test(host) ? ` ws://${host} wss://${host}` : ''

/** Only for the page itself; frames of other origins have none of it. */
const usedFeatures = ['camera', 'microphone', 'display-capture', 'clipboard-write']

/**
 * Everything else that browsers offer by default. Without a feature that they do not know: each of
 * those is a warning in the console.
 *
 * @see https://github.com/w3c/webappsec-permissions-policy/blob/main/features.md
 */
const unusedFeatures = [
  'accelerometer',
  'autoplay',
  'clipboard-read',
  'encrypted-media',
  'fullscreen',
  'gamepad',
  'geolocation',
  'gyroscope',
  'hid',
  'identity-credentials-get',
  'idle-detection',
  'keyboard-map',
  'local-fonts',
  'magnetometer',
  'midi',
  'otp-credentials',
  'payment',
  'picture-in-picture',
  'publickey-credentials-create',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'storage-access',
  'usb',
  'window-management',
  'xr-spatial-tracking',
]

const permissionsPolicy = [
  ...usedFeatures.map((feature) => `${feature}=(self)`),
  ...unusedFeatures.map((feature) => `${feature}=()`),
].join(', ')

const setHeaders = (context: Context, sources: string): void => {
  const isHashed = context.req.path.startsWith('/assets/')
  const host = context.req.header('Host') ?? ''
  context.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
  context.header('Content-Security-Policy', contentSecurityPolicy(host, sources))
  context.header('Permissions-Policy', permissionsPolicy)
  context.header('Referrer-Policy', 'no-referrer')
}
