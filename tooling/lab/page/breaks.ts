import { newestConnection } from './watched-connection.ts'

/** Closes the connection without the SDK, restarts ICE, or restarts ICE and closes during that. */
export type BreakKind = 'close' | 'restart' | 'both'

/** Breaks the newest open connection; `false` if there is none. */
export const breakNow = (kind: BreakKind): boolean => {
  const connection = newestConnection()
  if (!connection) return false
  if (kind !== 'close') connection.restartIce()
  if (kind === 'close') connection.close()
  // In the middle of the restart: after its offer and before the answer.
  if (kind === 'both') {
    connection.addEventListener('signalingstatechange', () => connection.close(), { once: true })
  }
  return true
}
