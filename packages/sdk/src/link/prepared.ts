import { Connection, type ConnectionOptions } from './connection.ts'
import { preparedMs } from './limits.ts'

/**
 * A connection before its time: making one takes a browser milliseconds, which pass while something
 * else is waited for. With its channels where they may be made before it is known who offers;
 * `null` where the platform refuses: whoever needs one then hears why.
 */
export const prepareConnection = (options: ConnectionOptions): Connection | null =>
  attempt(options, (connection) => {
    if (!connection.isExplicit) connection.makeChannels()
  })

/**
 * One that calls already, before it is known whom; what it has to say is in its description when it
 * has an owner. It is taken once, and soon: what it says of the network grows old.
 */
export const prepareCall = (
  options: Omit<ConnectionOptions, 'isPolite'>,
): (() => Connection | null) => {
  const { clock } = options
  const madeAt = clock.now()
  let connection = attempt({ ...options, isPolite: true }, (made) => made.call())
  return () => {
    const taken = connection
    connection = null
    if (clock.now() - madeAt < preparedMs) return taken
    taken?.close()
    return null
  }
}

const attempt = (
  options: ConnectionOptions,
  begin: (connection: Connection) => void,
): Connection | null => {
  let connection: Connection | null = null
  try {
    connection = new Connection(options)
    begin(connection)
    return connection
  } catch {
    connection?.close()
    return null
  }
}
