/** The unread cost that a peer may have outstanding on one channel. */
export const channelCredit: number = 2 * 1024 * 1024
/**
 * The unread cost over all channels, in addition to the largest accepted message, so that one large
 * unread message does not block the other channels. A message that begins below the limit may
 * exceed it.
 */
export const linkCredit: number = 64 * 1024 * 1024

/** The memory that a message takes: its bytes and a fixed overhead. */
export const costOf = (bytes: number): number => bytes + 256

/**
 * The bytes of unfinished messages that a peer may have outstanding, beyond the largest accepted
 * message: that one must not block small ones.
 */
export const assemblyReserve: number = 2 * 1024 * 1024
