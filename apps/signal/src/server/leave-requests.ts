import type { IncomingMessage } from 'node:http'
import type { LeaveOptions } from '../http/leave.ts'
import type { Visitors } from '../limits/visitors.ts'
import type { ServerParts } from './server-parts.ts'

type Parts = Pick<ServerParts, 'addresses' | 'now' | 'rooms' | 'tokens'>

/** Creates what `POST /leave` does: it tells the room, wherever the member's connection is or was. */
export const createLeaveRequests = (
  { addresses, now, rooms, tokens }: Parts,
  visitors: Visitors,
): LeaveOptions => ({
  reject: (request) => {
    if (!hidesItsOrigin(request) && !visitors.isAllowed(request)) return 403
    return addresses.takeLeave(visitors.addressOf(request), now()) ? null : 429
  },
  depart: ({ resume, absence }) => {
    const verified = tokens.verify(resume, now())
    if (verified === null) return
    const { claims } = verified
    rooms.dispatch(claims.room, { input: { type: 'detach', claims, absence }, mayCreate: false })
  },
})

/**
 * Firefox sends `null` as the origin of a beacon when the page has a strict referrer policy, though not
 * in a WebSocket handshake. The token is proof enough: only a page that is allowed has got one.
 *
 * @see https://fetch.spec.whatwg.org/#append-a-request-origin-header
 */
const hidesItsOrigin = ({ headers }: IncomingMessage): boolean => headers.origin === 'null'
