/**
 * How long the server may be silent, in ms, which is also how long it may take from the attempt to
 * the welcome: a restarted server may gather members for 5 s. A black-holed socket shows in no
 * other way.
 */
export const life = { idleMs: 10_000, silenceMs: 15_000, probeMs: 5_000 }
/** Signals that may wait while offline. */
export const queued = 512
