import type { JoinOptions, Room } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import type { Seat } from '../signaling/signaling.ts'
import { onAbortOrTimeout, throwIfAborted } from '../time/on-abort-or-timeout.ts'
import { createLazy } from './lazy.ts'
import type { createLog, Log } from './log.ts'
import { readOptions } from './options.ts'
import type { takeSeat } from './rejoin.ts'
import { LiveRoom, type RoomOptions } from './room.ts'

export interface JoinPorts
  extends Pick<RoomOptions, 'clock' | 'random' | 'sendBeacon' | 'knock' | 'loadLazyFeatures'> {
  /** Loads the code that only `rejoin` needs. */
  readonly loadRejoin: () => Promise<{ readonly takeSeat: typeof takeSeat }>
  /** Loads the code that only `log` needs. */
  readonly loadLog: () => Promise<{ readonly createLog: typeof createLog }>
}

/** `joinRoom`, with its sources of time, randomness and lazily loaded code as ports. */
export const join = async (options: JoinOptions, ports: JoinPorts): Promise<Room> => {
  const settings = readOptions(options)
  const { signal } = settings
  throwIfAborted(signal)
  const { clock } = ports
  const load = createLazy(clock, ports.loadRejoin).use<Seat>
  const seat = settings.rejoin
    ? await load(settings, ({ takeSeat }) => takeSeat({ ...settings, ...ports }))
    : null
  const loadLog = createLazy(clock, ports.loadLog).use<Log>
  const log = settings.log
    ? await loadLog(settings, async ({ createLog }) => createLog(settings))
    : null
  return new Promise((resolve, reject) => {
    const room = new LiveRoom({ ...settings, ...ports, ...log?.ports, seat })
    log?.watch(room)
    // The signaling client has its own time limit for the first welcome.
    const cancel = onAbortOrTimeout({ clock, signal }, (error) => {
      reject(error)
      void room.leave()
    })
    room.on('statuschange', ({ status }) => {
      cancel()
      if (status === 'connected') resolve(room)
    })
    void room.closed.then((error) => {
      const { code, cause, message } = error ?? new SkeinError('closed')
      const text = `Could not connect to ${settings.url}: ${message}`
      reject(new SkeinError(code, { message: text, cause }))
    })
  })
}
