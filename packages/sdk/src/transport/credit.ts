/** What a peer may send on one channel that is not read yet, in cost. */
export const channelCredit: number = 2 * 1024 * 1024
/**
 * And on all of them together, beside the largest message that is taken: so one that is large and
 * not read holds up no other channel. A message may begin below, and go beyond by itself.
 */
export const linkCredit: number = 64 * 1024 * 1024

/** What a message takes of memory: its bytes, and what it is to have it. */
export const costOf = (bytes: number): number => bytes + 256
