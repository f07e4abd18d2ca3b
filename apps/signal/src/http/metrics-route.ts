import { createHash, timingSafeEqual } from 'node:crypto'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context, Handler } from 'hono'
import { networks } from '../limits/networks.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/**
 * Answers `GET /metrics`: with a token, to everyone who sends it; without, to this machine only,
 * because the port is often open to the public.
 */
export const metricsRoute =
  ({ metrics, token }: { readonly metrics: Metrics; readonly token: string | null }): Handler =>
  async (context) => {
    if (token === null && !isLocal(context)) return context.text(localOnly, 403)
    if (token !== null && !hasToken(context.req.header('Authorization'), token)) {
      return context.text('Unauthorized', 401, { 'WWW-Authenticate': 'Bearer' })
    }
    const text = await metrics.registry.metrics()
    return context.body(text, 200, {
      'Cache-Control': 'no-store',
      'Content-Type': metrics.registry.contentType,
    })
  }

const localOnly =
  'Metrics are for programs on the same machine; set SKEIN_METRICS_TOKEN to read them from others.'

/**
 * Whether the request comes from this machine: by the address of the socket, which nobody can
 * forge, and not through a proxy here that passes on requests of others.
 */
const isLocal = (context: Context): boolean => {
  const isForwarded = ['X-Forwarded-For', 'Forwarded'].some(
    (name) => context.req.header(name) !== undefined,
  )
  return !isForwarded && loopback.has(getConnInfo(context).remote.address ?? '')
}

const loopback = networks(['127.0.0.0/8', '::1'])

/** Compares hashes, which have equal length, in constant time. */
const hasToken = (header: string | undefined, token: string): boolean => {
  const bearer = /^Bearer +(.+)$/i.exec(header ?? '')?.[1] ?? ''
  return timingSafeEqual(sha256(bearer), sha256(token))
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
