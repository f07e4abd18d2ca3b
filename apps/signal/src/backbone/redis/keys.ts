/**
 * The names in Redis. What comes from outside is encoded, so that no name of a room can end a key or
 * its hash tag; the tag in braces keeps what a script touches in one slot of a cluster.
 */
export const roomKey = (name: string): string =>
  `skein:room:{${Buffer.from(name).toString('base64url')}}`

/** Where a node is known to be alive, or dead. */
export const nodeKey = (node: string): string => `skein:node:{${node}}`

/** Who the store is. */
export const lifeKey = 'skein:{life}'

/** The channel of a node: all that goes to it goes there. */
export const inboxOf = (node: string): string => `skein:inbox:${node}`
