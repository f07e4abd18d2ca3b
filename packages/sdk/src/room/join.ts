import type { JoinOptions, Room } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import { connectEarly } from '../signaling/early-client.ts'
import type { Seat, SignalingClient, SignalingOptions } from '../signaling/signaling.ts'
import { onAbortOrTimeout, throwIfAborted } from '../time/on-abort-or-timeout.ts'
import { keepInsides } from './insides.ts'
import { createLazy } from './lazy.ts'
import type { createLog, Log } from './log.ts'
import { readOptions } from './options.ts'
import { watchPage } from './page.ts'
import type { takeSeat } from './rejoin.ts'
import type { LiveRoom, RoomOptions } from './room.ts'

export interface JoinPorts
  extends Pick<RoomOptions, 'clock' | 'random' | 'loadLazyFeatures'>,
    Pick<SignalingOptions, 'sendBeacon' | 'knock'> {
  /** Loads the code of rooms, links and channels: no page needs it before it joins. */
  readonly loadRoom: () => Promise<{ readonly LiveRoom: typeof LiveRoom }>
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
  const loading = createLazy(clock, ports.loadRoom).use(settings, async (code) => code)
  // It loads while the rest is prepared and the socket connects; a failure is reported below.
  loading.catch(() => {})
  const load = createLazy(clock, ports.loadRejoin).use<Seat>
  const seat = settings.rejoin
    ? await load(settings, ({ takeSeat }) => takeSeat({ ...settings, ...ports }))
    : null
  const loadLog = createLazy(clock, ports.loadLog).use<Log>
  const log = settings.log
    ? await loadLog(settings, async ({ createLog }) => createLog(settings))
    : null
  const parts = { ...settings, ...ports, ...log?.ports, seat }
  const signaling = connectEarly(parts)
  const unwatch = watchPageFor(signaling.client, seat !== null)
  try {
    const { LiveRoom } = await loading
    const room = new LiveRoom({ ...parts, connect: signaling.connect })
    unwatch()
    keepInsides(room)
    log?.watch(room)
    return await admitted(room, parts)
  } catch (error) {
    unwatch()
    signaling.client.close({ leave: true })
    throw error
  }
}

/** Until the room does it. */
const watchPageFor = (client: SignalingClient, mayRejoin: boolean): (() => void) =>
  watchPage({
    networkChanged: () => client.renew(),
    probe: () => client.probe(),
    visibilityChanged: () => {},
    hide: (isCached) =>
      client.suspend(
        mayRejoin || isCached ? { type: 'away', reload: !isCached } : { type: 'leave' },
      ),
  })

/** Resolves when the server has welcomed the room. */
const admitted = (
  room: Room,
  { url, signal, clock }: Pick<RoomOptions, 'url' | 'signal' | 'clock'>,
): Promise<Room> =>
  new Promise((resolve, reject) => {
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
      const text = `Could not connect to ${url}: ${message}`
      reject(new SkeinError(code, { message: text, cause }))
    })
  })
