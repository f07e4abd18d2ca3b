import { Connection, type ConnectionOptions } from './connection.ts'
import { preparedMs } from './limits.ts'

/**
 * A connection before its time: making one takes a browser milliseconds, which pass while something
 * else is waited for. With its channels where they may be made before it is known who offers;
 * `null` where the platform refuses: whoever needs one then hears why.
 */
export const prepareConnection = (options: ConnectionOptions): Connection | null =>
  attempt(options, (connection) => connection.needsExplicitSdp || connection.makeChannels())

/**
 * One that calls already, before it is known whom; what it has to say is in its description when it
 * has an owner. It is taken once, and soon: what it says of the network grows old.
 */
export const prepareCall = (
  options: Omit<ConnectionOptions, 'isPolite'>,
): (() => Connection | null) => {
  let connection = attempt({ ...options, isPolite: true }, (made) => made.call())
  const take = () => {
    cancel()
    const taken = connection
    connection = null
    return taken
  }
  const cancel = options.clock.after(preparedMs, () => take()?.close())
  return take
}

const attempt = (
  options: ConnectionOptions,
  begin: (connection: Connection) => unknown,
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
