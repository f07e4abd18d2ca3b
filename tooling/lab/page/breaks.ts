import { standing } from './watched-connection.ts'

/** How the connection is broken: closed under the SDK's feet, ICE restarted, or first that, then this. */
export type How = 'close' | 'restart' | 'both'

/** Breaks the connection that stands; `false` when none does. */
export const breakNow = (how: How): boolean => {
  const connection = standing()
  if (!connection) return false
  if (how !== 'close') connection.restartIce()
  if (how === 'close') connection.close()
  // In the midst of the restart: its offer is made, and not answered.
  if (how === 'both') {
    connection.addEventListener('signalingstatechange', () => connection.close(), { once: true })
  }
  return true
}
