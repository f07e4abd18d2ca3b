import { isIPv6 } from 'node:net'
import type { Result } from '@skein/protocol'

/** Parses one value. The error completes the sentence "NAME must be …". */
export type Reader<Value> = (text: string) => Result<Value, string>

export const text: Reader<string> = (value) => ({ ok: true, value })

/** As long as the hash with which it is used (SHA-256). */
export const minSecretBytes = 32

/** A secret that signs something: too long to be guessed by trying. */
export const longSecret: Reader<string> = (value) =>
  Buffer.byteLength(value) >= minSecretBytes
    ? { ok: true, value }
    : {
        ok: false,
        error: `at least ${minSecretBytes} bytes long (try: openssl rand -base64 ${minSecretBytes})`,
      }

export const integer =
  ({ min, max }: { readonly min: number; readonly max: number }): Reader<number> =>
  (value) => {
    const number = /^\d{1,12}$/.test(value) ? Number(value) : Number.NaN
    return number >= min && number <= max
      ? { ok: true, value: number }
      : { ok: false, error: `an integer from ${min} to ${max}` }
  }

export const oneOf =
  <const Value extends string>(values: readonly Value[]): Reader<Value> =>
  (value) => {
    const match = values.find((candidate) => candidate === value)
    return match === undefined
      ? { ok: false, error: values.length === 1 ? `"${values[0]}"` : `one of ${values.join(', ')}` }
      : { ok: true, value: match }
  }

/** A comma-separated list. Ignores whitespace around items, and empty items. */
export const list =
  <Value>(item: Reader<Value>): Reader<readonly Value[]> =>
  (value) => {
    const values: Value[] = []
    const parts = value.split(',').map((part) => part.trim())
    for (const part of parts.filter((trimmed) => trimmed !== '')) {
      const result = item(part)
      if (!result.ok) return { ok: false, error: `a comma-separated list of ${result.error}` }
      values.push(result.value)
    }
    return { ok: true, value: values }
  }

/**
 * A STUN or TURN URI. With one invalid URI, a browser refuses to create any peer connection.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7064#section-3.1 (STUN has no `transport`)
 * @see https://www.rfc-editor.org/rfc/rfc7065#section-3.1
 */
export const url =
  (schemes: readonly string[]): Reader<string> =>
  (value) => {
    const pattern =
      /^([a-z]+):(?:\[([0-9a-fA-F:.]+)\]|[\w.-]+)(?::(\d{1,5}))?(\?transport=(?:udp|tcp))?$/
    const [whole, scheme = '', ipv6 = '::', port = '1', transport] = pattern.exec(value) ?? []
    const isUri = whole !== undefined && isIPv6(ipv6) && Number(port) > 0 && Number(port) < 65_536
    const isTransportValid = scheme.startsWith('turn') || transport === undefined
    return isUri && isTransportValid && schemes.includes(scheme)
      ? { ok: true, value }
      : { ok: false, error: `URLs such as ${schemes[0]}:host.example.org:3478` }
  }

/** A Redis URL: `redis[s]://[[user]:password@]host[:port][/database]`. */
export const redisUrl: Reader<string> = (value) => {
  const url = URL.canParse(value) ? new URL(value) : null
  const isRedis = url?.protocol === 'redis:' || url?.protocol === 'rediss:'
  const isPlain = url?.search === '' && url.hash === '' && /^\/?(\d{1,4})?$/.test(url.pathname)
  return isRedis && isPlain && url.hostname !== ''
    ? { ok: true, value }
    : { ok: false, error: 'a URL such as redis://host.example.org:6379 or rediss://…' }
}
