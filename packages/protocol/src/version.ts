/** The version of the wire protocol that this package implements (`join.v`, `welcome.v`). */
export const protocolVersion = 1

/** The WebSocket subprotocol: the client requests it, the server confirms it. */
export const subprotocol = 'skein.v1'

/** The path of the WebSocket endpoint. */
export const socketPath = '/ws'
