// How long each step of a link may take, in ms; measured in real networks where it says so.

/** A hopeless pair reaches `failed` in 15.1 s (Chromium 156); a good one opens in 0.3 s. */
export const connectMs = 15_000
/** The one that joined later calls; if it does not, the other does. */
export const firstOfferMs = 4_000
/** An offer that nobody answered is said again, then at twice the time. */
export const resendMs = 3_000
/** Signs of life: ICE itself takes 6–7 s to notice. */
export const life = { idleMs: 2_500, silenceMs: 6_000, probeMs: 2_000 }
/** ICE may yet recover by itself. */
export const repairWaitMs = 500
/** Data flows again 0.7–3 s after a restart that works. */
export const restartMs = 6_000
/** The impolite side lets the polite one act first: two repairs at once only collide. */
export const deferMs = 1_000
/** Of the ladder: waiting, an ICE restart, a new RTCPeerConnection, another one. */
export const lastStep = 3
/** So many times in so long may the other side make me replace mine; beyond it is an attack. */
export const calls = 5
export const callsMs = 10_000
/** A failed link is tried anew this often. */
export const retryMs = 30_000
/** How often the path is looked up, and the round trip measured. */
export const statsMs = 10_000
/** Both take the browser milliseconds, which a room that is just forming needs. */
export const firstStatsMs = 1_000
/** For a goodbye to leave before the connection goes. */
export const byeMs = 200
/** A call that was prepared so long ago may know of a network that is gone. */
export const preparedMs = 5_000
