/** `config.json` beside the page is there, but cannot be used. */
export class ConfigError extends Error {
  readonly code = 'bad-config'
}

/** Beside the page, so that a site works under any path. */
const defaultUrl = './ws'

/**
 * The URL of the signaling server: what `config.json` beside the page says, else `ws` beside the page.
 * Both are relative to the page.
 *
 * @throws ConfigError if the file is not `{ "signal": "a URL" }`.
 */
export async function findSignalUrl(page: string, load: typeof fetch = fetch): Promise<string> {
  const text = await readConfig(new URL('config.json', page), load)
  const signal = text === null ? defaultUrl : signalIn(text)
  const url = URL.canParse(signal, page) ? new URL(signal, page) : null
  if (url === null || !/^(?:ws|http)s?:$/.test(url.protocol)) throw new ConfigError()
  url.protocol = url.protocol.replace('http', 'ws')
  url.hash = ''
  return url.href
}

let found: Promise<string> | null = null

/** The same for this page: the file is read once, and again only after it could not be used. */
export function siteSignalUrl(): Promise<string> {
  found ??= findSignalUrl(location.href)
  found.catch(() => {
    found = null
  })
  return found
}

/** `null` if there is none. */
async function readConfig(file: URL, load: typeof fetch): Promise<string | null> {
  try {
    const response = await load(file, { cache: 'no-cache' })
    // Some static hosts answer with the start page if a file is missing.
    const isPage = response.headers.get('Content-Type')?.startsWith('text/html')
    return response.ok && !isPage ? await response.text() : null
  } catch {
    // Joining needs the network as well, and will say what is wrong with it.
    return null
  }
}

function signalIn(text: string): string {
  try {
    const config: unknown = JSON.parse(text)
    if (typeof config === 'object' && config !== null && !Array.isArray(config)) {
      const signal: unknown = Reflect.get(config, 'signal') ?? defaultUrl
      if (typeof signal === 'string') return signal
    }
  } catch (cause) {
    throw new ConfigError(undefined, { cause })
  }
  throw new ConfigError()
}
