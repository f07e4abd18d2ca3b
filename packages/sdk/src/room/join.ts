import type { JoinOptions, Room } from '../api.ts'
import { throwIfAborted, whenGivenUp } from '../channel/give-up.ts'
import { SkeinError } from '../errors.ts'
import type { SignalingObserver } from '../signaling/signaling.ts'
import { createSignalingClient } from '../signaling/signaling-client.ts'
import { readOptions } from './options.ts'
import { LiveRoom, type RoomOptions } from './room.ts'

export interface JoinPorts extends Pick<RoomOptions, 'clock' | 'random' | 'loadExtras'> {}

/** `joinRoom`, with time, chance and the way to its other chunk given. */
export const join = async (options: JoinOptions, ports: JoinPorts): Promise<Room> => {
  const settings = readOptions(options)
  const { signal } = settings
  throwIfAborted(signal)
  return new Promise((resolve, reject) => {
    let joined: SignalingObserver | null = null
    const signaling = createSignalingClient({
      ...settings,
      ...ports,
      observer: {
        welcomed: (welcome) => {
          if (joined) return joined.welcomed(welcome)
          off()
          const room = new LiveRoom({ settings, ...ports, signaling, welcome })
          joined = room.observer
          resolve(room)
        },
        received: (message) => joined?.received(message),
        onlineChanged: (isOnline) => joined?.onlineChanged(isOnline),
        closed: (error) => {
          if (joined) return joined.closed(error)
          off()
          reject(error ?? new SkeinError('closed'))
        },
      },
    })
    // The signaling client has a time limit of its own for the first welcome.
    const off = whenGivenUp({ clock: ports.clock, signal }, (error) => {
      reject(error)
      signaling.close({ leave: true })
    })
  })
}
