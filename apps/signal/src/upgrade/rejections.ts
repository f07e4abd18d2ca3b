import { closeCodes, type ErrorMessageOptions } from '@skein/protocol'
import type { RejectionReason } from '../telemetry/metrics.ts'

/** How a client that speaks the protocol is turned away. */
export interface Rejection {
  readonly reason: RejectionReason
  readonly error: ErrorMessageOptions
  readonly closeCode: number
}

/** Refusals in the words of the protocol. `1013` is "try again later". */
export const rejections: Readonly<Record<Exclude<RejectionReason, 'upgrade'>, Rejection>> = {
  draining: {
    reason: 'draining',
    error: {
      code: 'overloaded',
      message: 'The server is going away.',
      retryAfterMs: 1_000,
      about: null,
    },
    closeCode: closeCodes.goingAway,
  },
  origin: {
    reason: 'origin',
    error: { code: 'origin-refused', about: null },
    closeCode: closeCodes.refused,
  },
  connections: {
    reason: 'connections',
    error: { code: 'overloaded', retryAfterMs: 10_000, about: null },
    closeCode: 1013,
  },
  memory: {
    reason: 'memory',
    error: { code: 'overloaded', retryAfterMs: 10_000, about: null },
    closeCode: 1013,
  },
  late: {
    reason: 'late',
    error: { code: 'overloaded', retryAfterMs: 10_000, about: null },
    closeCode: 1013,
  },
  address: {
    reason: 'address',
    error: {
      code: 'rate-limited',
      message: 'Too many connections from this address.',
      retryAfterMs: 10_000,
      about: null,
    },
    closeCode: 1013,
  },
}
