/**
 * In ms. `silenceMs` is also the time from the start of a connection to its welcome: a restarted
 * server may wait 5 s for the members of a room. No other sign shows that a path drops all packets.
 */
export const liveness = { idleMs: 10_000, silenceMs: 15_000, probeMs: 5_000 }
/** How many signals wait while offline. */
export const maxQueued = 512
/** When an update that the server could not take is sent again, in ms, if the server does not say. */
export const updateRetryMs = 1_000
