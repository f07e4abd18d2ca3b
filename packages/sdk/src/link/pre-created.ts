import { Connection, type ConnectionOptions } from './connection.ts'
import { preCreatedMs } from './limits.ts'

/**
 * Creates a connection before it is needed, because that takes a browser milliseconds; with its
 * channels where they may exist before the offer. `null` if the platform refuses: creating one
 * again when it is needed reports the reason.
 */
export const preCreateConnection = (options: ConnectionOptions): Connection | null =>
  attempt(options, (connection) => connection.preCreateChannels())

/**
 * Creates a connection that makes its offer before the peer is known; the link that takes it sends
 * the offer. The returned function hands it out once, and only while it is fresh; else `null`.
 */
export const preCreateOffer = (options: ConnectionOptions): (() => Connection | null) => {
  let connection = attempt(options, (created) => created.start())
  const take = () => {
    cancel()
    const taken = connection
    connection = null
    return taken
  }
  const cancel = options.clock.after(preCreatedMs, () => take()?.close())
  return take
}

const attempt = (
  options: ConnectionOptions,
  begin: (connection: Connection) => void,
): Connection | null => {
  let connection: Connection | null = null
  try {
    connection = new Connection(options)
    begin(connection)
  } catch {
    connection?.close()
    connection = null
  }
  return connection
}
