/** 128 random bits in base64url, made by the server, never reused. */
export type PeerId = string & { readonly __brand: 'PeerId' }

/**
 * One attachment of a member: a socket on some node. Unique in time and space (`node.number`), so
 * whatever arrives late on an older one can be told apart.
 */
export type ConnectionId = string & { readonly __brand: 'ConnectionId' }

/** Milliseconds; which clock is said where it is used. */
export type Millis = number

/** Rises at each change of host, also to and from `null`. */
export type Term = number

/** The clock (ms) when a room was made, always above the last one given out. */
export type Epoch = number

/** Marks a string that a caller knows to be a peer's id. */
export const peerId = (text: string): PeerId => text as PeerId

/** Marks a string that a caller knows to be a connection's id. */
export const connectionId = (text: string): ConnectionId => text as ConnectionId

/** The node that holds a connection: what its id says before the last point. */
export const nodeOf = (connection: ConnectionId): string =>
  connection.slice(0, Math.max(0, connection.lastIndexOf('.')))
