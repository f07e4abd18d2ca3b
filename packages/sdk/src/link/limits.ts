// Time limits of a link, in milliseconds.

/** A pair without any path reaches `failed` in 15.1 s (Chromium 156); a good one opens in 0.3 s. */
export const connectMs = 15_000
/** If the polite peer makes no offer, the impolite one does, after this and `deferMs`: 5 s in all. */
export const firstOfferMs = 4_000
/** An unanswered offer is resent after this, then after twice the time, and so on. */
export const resendMs = 3_000
/** ICE itself takes 6 to 7 s to notice that a path is dead. */
export const liveness = { idleMs: 2_500, silenceMs: 6_000, probeMs: 2_000 }
/** ICE may still recover by itself. */
export const repairWaitMs = 500
/** After an ICE restart that works, data flows again within 0.7 to 3 s. */
export const restartMs = 6_000
/** The impolite side takes each step later: two repairs at once would collide. */
export const deferMs = 1_000
/** The repair steps: waiting (0), an ICE restart (1), a new connection (2), another one (3). */
export const lastStep = 3
/** How often, within `replacementsMs`, the other side may make this one replace its connection. */
export const replacements = 5
export const replacementsMs = 10_000
/** A failed link tries again this often. */
export const retryMs = 30_000
/** How often the path is read and the round trip is measured. */
export const statsMs = 10_000
/** Both cost the browser milliseconds, which a room that is just forming needs for itself. */
export const firstStatsMs = 1_000
/** Time for a `bye` to leave before the connection closes. */
export const byeMs = 200
/** A pre-created offer older than this may describe a network that the page has left. */
export const preCreatedMs = 5_000
/** Candidates and descriptions that are taken from a peer within `negotiationMs`. */
export const maxNegotiation = 10_000
/** The different addresses in them. A connection has a dozen, after each ICE restart others. */
export const maxAddresses = 3_000
export const negotiationMs = 300_000
/** Data channels of one connection, with those that the peer has announced. */
export const maxChannels = 256
