// The constants of signals and frames that travel through a member; times are in ms.

/** How often links that are in trouble, or go through a member, are looked at. */
export const tickMs = 250
/** The same for trouble that is older than this, or a path through a member that works. */
export const freshMs = 20_000
export const slowTickMs = 2_000
/** A link that never opened asks for members that reach the peer when it is this old. */
export const seekMs = 1_000
/**
 * A first attempt that has been answered and is not open so long after the answer has no pair of
 * addresses that works at once. One that is slower replaces the path through a member.
 */
export const noPairMs = 1_000
/** An attempt that nobody has answered: a link that never opened goes through a member after this. */
export const firstViaMs = 3_000
/** A link that was open: a new connection beside the old one usually takes less than this. */
export const brokenViaMs = 1_500
/** The impolite side waits so much longer: one of the two is enough. */
export const impoliteMs = 400
/** Signals of a link that never opened also go through members when it is this old. */
export const carryMs = 2_500
/** Through how many members a signal travels: it gets there if one of them reaches the peer. */
export const carriers = 3
/** The longest signal, in UTF-16 code units: a description, sealed, in base64. */
export const maxSignalLength: number = 64 * 1024
/** Signals that are forwarded for one member: a link with four attempts has about 60. */
export const signalsPerSecond = 50
export const signalsBurst = 300
/** How often the public key is sent to one peer through the server. */
export const keyMs = 5_000
/** Sealed signals are remembered by number, to drop those that come twice. */
export const maxSeen = 512
/** A via connection has to open within this: three trips through the member. */
export const openMs = 2_500
/** How often it asks to be opened: the peer may not know the key yet. */
export const reopenMs = 400
/** A member through which a via connection has failed is the last choice for so long. */
export const distrustMs = 30_000
/** A direct connection is tried behind one through a member: first so often, then half as often. */
export const upgradeMs = 10_000
export const maxUpgradeMs = 300_000
/** With its seal and its address, a frame fits in one frame of the link to the member. */
export const frameBytes: number = 60 * 1024
/** What a via connection wants to have waiting on its way to the member. */
export const lowWaterBytes: number = 64 * 1024
/** Bytes that may wait to be opened: more than the largest window of an honest sender. */
export const maxUnopenedBytes: number = 8 * 1024 * 1024
/** Via connections that one peer may make this one create within `acceptsMs`. */
export const maxAccepts = 8
export const acceptsMs = 10_000
/** Bytes that a member holds for one pair and direction. */
export const maxWaitingBytes: number = 1024 * 1024
/** Pairs, each direction by itself, that a member forwards for at the same time. */
export const maxPairs = 32
/** A pair counts as active so long after its last frame: links say something every 2 s. */
export const activePairMs = 15_000
/** What a pair that a member already forwards for costs another one, as if it were a longer way. */
export const loadMs = 20
/** Ids in one message of a member: the largest room. */
export const maxIds = 256
