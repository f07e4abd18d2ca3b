/**
 * The key of a room in Redis. The name is encoded, so that it cannot end the key or its hash tag;
 * the tag in braces keeps everything that a script touches in one slot of a cluster.
 */
export const roomKey = (name: string): string =>
  `skein:room:{${Buffer.from(name).toString('base64url')}}`

/** The key of a node's lease: `alive`, `dead`, or missing once the lease has expired. */
export const nodeKey = (node: string): string => `skein:node:{${node}}`

/** The key of the store's current life. */
export const lifeKey = 'skein:{life}'

/** The channel for everything that is sent to a node. */
export const inboxChannel = (node: string): string => `skein:inbox:${node}`
