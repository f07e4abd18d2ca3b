import type { Millis } from '@skein/protocol'
import type { Room } from '../api.ts'
import type { SignalingClient } from '../signaling/signaling.ts'
import type { Clock } from '../time/clock.ts'
import { createTimer } from '../time/restartable-timer.ts'

export interface HostCheckOptions {
  readonly room: Room
  readonly signaling: Pick<SignalingClient, 'send'>
  readonly clock: Clock
}

/** The server asks the host at once, and needs less than this to know. */
const repeatMs: Millis = 5_000

/**
 * While the link to the host is silent, asks the server to check whether the host is alive: its
 * socket may hang for longer than the link needs to notice.
 */
export const watchHostLink = ({ room, signaling, clock }: HostCheckOptions): void => {
  const timer = createTimer(clock)
  let silentHost: Room['host'] = null

  const ask = () => {
    if (silentHost === null) return
    signaling.send({ type: 'check-host', host: silentHost })
    timer(repeatMs, ask)
  }
  const update = () => {
    const { host, peers, status } = room
    const isSilent = host && status !== 'closed' && peers.get(host)?.link?.state === 'repairing'
    const previous = silentHost
    silentHost = isSilent ? host : null
    if (silentHost === previous) return
    timer()
    ask()
  }
  for (const name of ['linkchange', 'hostchange', 'statuschange'] as const) room.on(name, update)
}
