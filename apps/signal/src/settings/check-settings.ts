import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readAuth } from './auth-settings.ts'
import { longSecret, redisUrl } from './setting-readers.ts'
import type { Settings } from './settings.ts'
import { StartError } from './start-error.ts'

/** Checks combinations of settings. Throws a `StartError`. */
export const checkSettings = (settings: Settings): void => {
  const secret = settings.secret === null ? null : longSecret(settings.secret)
  if (secret?.ok === false) {
    throw new StartError(`SKEIN_SECRET (--secret) must be ${secret.error}.`)
  }
  if (settings.turnUrls.length > 0 && settings.turnSecret === null) {
    throw new StartError('SKEIN_TURN_URLS requires SKEIN_TURN_SECRET.')
  }
  const url = settings.redisUrl === null ? null : redisUrl(settings.redisUrl)
  if (url?.ok === false) {
    throw new StartError(`SKEIN_REDIS_URL (--redis-url) must be ${url.error}.`)
  }
  if (settings.redisUrl !== null && settings.secret === null) {
    throw new StartError(
      'SKEIN_REDIS_URL requires SKEIN_SECRET, the same on every server, so that each accepts the tokens of the others.',
    )
  }
  readAuth(settings)
  if (settings.site !== null && !existsSync(join(settings.site, 'index.html'))) {
    throw new StartError(
      `SKEIN_SITE (--site) must be a directory with a built site; "${settings.site}" has no index.html.`,
    )
  }
}
