// The constants of a link; times are in ms. Those of the ladder were measured: see docs/netlab.md.

/** Polls of an unanswered ping, and the spacing of further ones. */
export const pingMs = 250
/** A link in use is asked for a sign of life after this silence; traffic and its `ack` are signs. */
export const busyPingMs = 250
/** An idle one: a mesh of 16 sends 8 pings a second. */
export const idlePingMs = 2_000
/** Browsers run the timers of a hidden page once a second. */
export const hiddenPingMs = 1_000
export const idleHiddenPingMs = 10_000
/** A link counts as in use for so long after the application has sent or received something. */
export const busyMs = 5_000
/** The socket to the server is checked when a ping has been unanswered for so long. */
export const checkServerMs = 250
/**
 * The path counts as broken when a ping has been unanswered for so long, a second after the last
 * sign of life. 550 ms heal a silent change of address 0.2 s sooner, but make twice the connections
 * where 30 % of the packets are lost.
 */
export const answerMs = 750
/** Never less than so many round trips. */
export const roundTrips = 3
/** For `sharpMs` after a sign that the network has changed, a short silence is enough. */
export const sharpMs = 2_000
export const sharpAnswerMs = 250
export const sharpSilenceMs = 350
/** Without data for so long, the state of a link is `repairing`. */
export const repairingMs = 2_000
/** How often a broken link looks around. */
export const climbMs = 500
/** Between two attempts. Anything from 1 to 5 s heals alike; this costs half of what 1 s costs. */
export const turnMs = 2_500
/** After a minute, and while a first attempt is still looking for a path. */
export const slowTurnMs = 5_000
export const slowAfterMs = 60_000
/** After five minutes, and when no path was ever found: then each time twice as long. */
export const retryMs = 30_000
export const maxRetryMs = 300_000
export const patientMs = 300_000
/** How many attempts may stand beside the connection in use. */
export const maxAttempts = 4
/** The other connections close so long after one of them carries the data. */
export const settleMs = 1_000
/** A peer with a new socket calls by itself; after this, its call may have been lost. */
export const nudgeMs = 150
/** A connection that fails so soon after it carried something has lost its network. */
export const suddenMs = 500
/** A pair without any path reaches `failed` in 15.1 s (Chromium 156); a good one opens in 0.3 s. */
export const connectMs = 16_000
/** An attempt that ends sooner says nothing about the path: ICE needs at least this long to know. */
export const verdictMs = 3_000
/** A path that was good and has been broken for so long: the link is `failed`. */
export const lostMs = 45_000
/** The side that joined first waits for the other's offer, and then makes one itself. */
export const firstOfferMs = 2_500
/** How many connections the other side may make this one create within `answersMs`. */
export const maxAnswers = 20
export const answersMs = 10_000
/** Ids of connections that are gone: late signals of them are dropped. */
export const maxGone = 64
/** How often the path is read, where no event tells of a change, and the round trip measured. */
export const statsMs = 10_000
/** Both cost the browser milliseconds, which a room that is just forming needs for itself. */
export const firstStatsMs = 1_000
/** How many events a link remembers, for `diagnose`: those of the last two or three repairs. */
export const maxHistory = 16
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
