/** The one version of the wire protocol that this package speaks (`join.v`, `welcome.v`). */
export const protocolVersion = 1

/** The WebSocket subprotocol, asked for by the client and confirmed by the server. */
export const subprotocol = 'skein.v1'

/** Where the WebSocket lives on the server. */
export const socketPath = '/ws'
