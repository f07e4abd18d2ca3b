import { Connection, type ConnectionOptions } from './connection.ts'

/**
 * A connection before its time: making one takes a browser milliseconds, which pass while something
 * else is waited for. With its channels where they may be made before it is known who offers;
 * `null` where the platform refuses: whoever needs one then hears why.
 */
export const prepareConnection = (options: ConnectionOptions): Connection | null => {
  try {
    const connection = new Connection(options)
    if (!connection.isExplicit) connection.makeChannels()
    return connection
  } catch {
    return null
  }
}

/**
 * One that calls already, before it is known whom; what it has to say is in its description when it
 * has an owner. It is taken once.
 */
export const prepareCall = (
  options: Omit<ConnectionOptions, 'isPolite'>,
): (() => Connection | null) => {
  let connection = prepareConnection({ ...options, isPolite: true })
  connection?.call()
  return () => {
    const taken = connection
    connection = null
    return taken
  }
}
