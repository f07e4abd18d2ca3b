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
    if (!visitors.isAllowed(request)) return 403
    return addresses.takeLeave(visitors.addressOf(request), now()) ? null : 429
  },
  depart: ({ resume, absence }) => {
    const verified = tokens.verify(resume, now())
    if (verified === null) return
    const { claims } = verified
    rooms.dispatch(claims.room, { input: { type: 'detach', claims, absence }, mayCreate: false })
  },
})
