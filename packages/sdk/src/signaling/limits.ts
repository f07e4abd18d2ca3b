// How long the signaling client waits, in ms.

/** From the attempt to the welcome: a restarted server may gather members for 5 s. */
export const handshakeMs = 15_000
/** With nothing heard for so long, the server is asked for a sign of life. */
export const pingAfterMs = 10_000
/** A black-holed socket shows in no other way. */
export const pongMs = 5_000
/** Signals that may wait while offline. */
export const queued = 512
