import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import type { Goodbye } from '@skein/protocol/room'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'

/** What a page said as it went. */
export interface Departure {
  readonly absence: Goodbye
  /** Its resume token, not verified yet. */
  readonly resume: string
}

export interface LeaveOptions {
  /** The status for a request that is rejected whatever it says; `null`: none. */
  readonly reject: (request: IncomingMessage) => 403 | 429 | null
  readonly depart: (departure: Departure) => void
}

/**
 * `POST /leave`: a page that goes says so by `navigator.sendBeacon`. Its socket cannot carry the
 * message: Firefox closes sockets before `pagehide`, and Chrome may evict the page after it.
 *
 * A well-formed request always gets 204, so the response tells nothing about tokens and rooms.
 */
export const leaveRoute = ({ reject, depart }: LeaveOptions): Hono<{ Bindings: HttpBindings }> =>
  new Hono<{ Bindings: HttpBindings }>().post(
    '/leave',
    async (context, next) => {
      const status = reject(context.env.incoming)
      return status === null ? next() : context.text('', status)
    },
    bodyLimit({ maxSize: maxBodyBytes, onError: (context) => context.text('', 413) }),
    async (context) => {
      const departure = parseDeparture(await context.req.text())
      if (departure === null) return context.text('', 400)
      depart(departure)
      return context.body(null, 204)
    },
  )

/** More than any resume token needs. */
const maxBodyBytes = 4 * 1024

const parseDeparture = (text: string): Departure | null => {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null) return null
  const { type, reload = false, resume }: Fields = value
  if (typeof resume !== 'string' || typeof reload !== 'boolean') return null
  if (type === 'leave') return { absence: 'left', resume }
  if (type === 'away') return { absence: reload ? 'reload' : 'away', resume }
  return null
}

interface Fields {
  readonly type?: unknown
  readonly reload?: unknown
  readonly resume?: unknown
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
