import type { Result } from '@skein/protocol'

/** Whether pages of this origin may use the server. `null`: the client is not a page. */
export type OriginCheck = (origin: string | null) => boolean

const hostPattern = /^(?:\*\.)?(?:[a-z0-9_-]+\.)*[a-z0-9_-]+(?::\d{1,5})?$/

/**
 * Creates the check for an allow-list of origins (`https://example.org`), hosts (`example.org`) and
 * their subdomains (`*.example.org`, `https://*.example.org`).
 *
 * A client without an Origin header is not a page and passes: the list protects visitors of other
 * sites, and a program could forge the header anyway.
 */
export const originCheck = (rules: readonly string[]): OriginCheck => {
  if (rules.length === 0) return () => true
  const matchers = rules.map(matcher)
  return (origin) => origin === null || matchers.some((matches) => matches(origin.toLowerCase()))
}

/** Accepts a rule for `originCheck`. */
export const parseOriginRule = (text: string): Result<string, string> => {
  const { scheme, host } = split(text.toLowerCase())
  const isValid = (scheme === null || /^[a-z][a-z0-9+.-]*$/.test(scheme)) && hostPattern.test(host)
  return isValid
    ? { ok: true, value: text.toLowerCase() }
    : { ok: false, error: 'origins such as https://example.org or *.example.org' }
}

const matcher = (rule: string): ((origin: string) => boolean) => {
  const wanted = split(rule.toLowerCase())
  return (origin) => {
    const { scheme, host } = split(origin)
    // "null", the origin of sandboxed frames and local files, has no scheme and matches no rule.
    if (scheme === null) return false
    return (wanted.scheme === null || wanted.scheme === scheme) && matchesHost(wanted.host, host)
  }
}

const matchesHost = (wanted: string, host: string): boolean => {
  if (!wanted.startsWith('*.')) return host === wanted
  const suffix = wanted.slice(1)
  return host.length > suffix.length && host.endsWith(suffix)
}

const split = (origin: string): { readonly scheme: string | null; readonly host: string } => {
  const at = origin.indexOf('://')
  return at === -1
    ? { scheme: null, host: origin }
    : { scheme: origin.slice(0, at), host: origin.slice(at + 3) }
}
