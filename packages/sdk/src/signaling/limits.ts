/** How long the signaling client waits, in ms. */
export const signalingLimits = {
  /** From the attempt to the welcome: a restarted server may gather members for 5 s. */
  handshakeMs: 15_000,
  /** With nothing heard for so long, the server is asked for a sign of life. */
  pingAfterMs: 10_000,
  /** A black-holed socket shows in no other way. */
  pongMs: 5_000,
  /** Signals that may wait while offline. */
  queued: 512,
} as const
