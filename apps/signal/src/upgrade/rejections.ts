import { closeCodes, type ErrorMessageOptions } from '@skein/protocol'
import type { RejectionReason } from '../telemetry/metrics.ts'

/** The error message and close code for a client that is turned away after the handshake. */
export interface Rejection {
  readonly reason: RejectionReason
  readonly error: ErrorMessageOptions
  readonly closeCode: number
}

/** All rejections by reason. Close code 1013 means "try again later". */
export const rejections: Readonly<Record<Exclude<RejectionReason, 'upgrade'>, Rejection>> = {
  draining: {
    reason: 'draining',
    error: {
      code: 'overloaded',
      message: 'The server is shutting down.',
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
