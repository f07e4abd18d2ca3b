import type { JoinOptions, Room } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import { onAbortOrTimeout, throwIfAborted } from '../time/on-abort-or-timeout.ts'
import { readOptions } from './options.ts'
import { LiveRoom, type RoomOptions } from './room.ts'

export interface JoinPorts
  extends Pick<RoomOptions, 'clock' | 'random' | 'sendBeacon' | 'loadLazyFeatures'> {}

/** `joinRoom`, with its sources of time, randomness and lazily loaded code as ports. */
export const join = async (options: JoinOptions, ports: JoinPorts): Promise<Room> => {
  const settings = readOptions(options)
  const { signal } = settings
  throwIfAborted(signal)
  return new Promise((resolve, reject) => {
    const room = new LiveRoom({ ...settings, ...ports })
    // The signaling client has its own time limit for the first welcome.
    const cancel = onAbortOrTimeout({ clock: ports.clock, signal }, (error) => {
      reject(error)
      void room.leave()
    })
    room.on('statuschange', ({ status }) => {
      cancel()
      if (status === 'connected') resolve(room)
    })
    void room.closed.then((error) => reject(error ?? new SkeinError('closed')))
  })
}
