/**
 * Codes with which the server closes a WebSocket. 4000–4499: reconnect, with jitter. 4500–4999: do
 * not reconnect.
 */
export const closeCodes = {
  goingAway: 4000,
  heartbeatLost: 4001,
  slowConsumer: 4002,
  badProtocol: 4500,
  unauthorized: 4501,
  superseded: 4502,
  kicked: 4503,
  rateLimitAbused: 4504,
  refused: 4505,
} as const

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes]

/**
 * 1002 (protocol error), 1003 (unsupported data) and 1007–1010: a retry would fail the same way.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
 */
const finalStandardCodes: readonly number[] = [1002, 1003, 1007, 1008, 1009, 1010]

/** Whether a client may reconnect after its socket closed with `code`. */
export const mayReconnect = (code: number): boolean =>
  !(finalStandardCodes.includes(code) || (code >= 4500 && code <= 4999))
