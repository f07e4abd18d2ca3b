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
const contentSecurityPolicy = (host: string): string =>
  [
    "default-src 'self'",
    `connect-src 'self'${socketSources(host)}`,
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

const setHeaders = (context: Context): void => {
  const isHashed = context.req.path.startsWith('/assets/')
  const host = context.req.header('Host') ?? ''
  context.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
  context.header('Content-Security-Policy', contentSecurityPolicy(host))
  context.header('Permissions-Policy', permissionsPolicy)
  context.header('Referrer-Policy', 'no-referrer')
}
