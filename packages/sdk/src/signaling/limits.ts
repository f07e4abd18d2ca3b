// Times in ms.

/** An idle socket is pinged after this silence. */
export const idleMs = 10_000
/** That of a room in use: a server that is cut off is noticed within 3 s. */
export const busyIdleMs = 1_500
/**
 * When a ping has been unanswered for so long while a link is silent too, another socket is made
 * beside this one; an answer drops it again.
 */
export const doubtMs = 400
/** When the room counts as cut off from its server. */
export const silentMs = 1_500
/** When the socket is given up: a server that stands still for some seconds loses nobody. */
export const lostMs = 6_000
/** No other sign shows that a path drops all packets. */
export const connectMs = 4_000
/** From the open socket to the welcome: a restarted server may wait 5 s for the members of a room. */
export const joinMs = 15_000
/** A socket that is younger is not replaced when the network changes: several events come at once. */
export const freshMs = 250
/** While a link is broken and the server is away: how often the page looks whether it is back. */
export const knockMs = 250
export const maxKnockMs = 700
/** Without an answer by then, a request is given up. */
export const knockLifeMs = 3_000
/** A socket that connects for longer is stuck, if a request gets through. */
export const stuckMs = 400
/** How many signals wait for their turn. */
export const maxQueued = 512
/** When an update that the server could not take is sent again, if the server does not say. */
export const updateRetryMs = 1_000
