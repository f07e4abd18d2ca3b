import { guarded } from '../base/emitter.ts'
import type { SignalingClient, SignalingObserver, SignalingOptions } from './signaling.ts'
import { createSignalingClient } from './signaling-client.ts'

type Owner = Pick<SignalingOptions, 'observer' | 'isBusy' | 'isBroken'>

/** Makes the caller the owner of a client. From the next microtask on it is told everything. */
export type Connect = (owner: Owner) => SignalingClient

export interface EarlyClient {
  readonly client: SignalingClient
  readonly connect: Connect
}

/** Connects before there is a room: what the client reports until then waits for it, in order. */
export const connectEarly = (options: Omit<SignalingOptions, keyof Owner>): EarlyClient => {
  const held: ((observer: SignalingObserver) => void)[] = []
  let owner: Owner | null = null
  const report = (tell: (observer: SignalingObserver) => void) => {
    if (owner) tell(owner.observer)
    else held.push(tell)
  }
  const client = createSignalingClient({
    ...options,
    isBusy: () => owner?.isBusy() === true,
    isBroken: () => owner?.isBroken() === true,
    observer: {
      welcomed: (welcome) => report(({ welcomed }) => welcomed(welcome)),
      received: (message) => report(({ received }) => received(message)),
      reached: () => report(({ reached }) => reached()),
      onlineChanged: (isOnline) => report(({ onlineChanged }) => onlineChanged(isOnline)),
      closed: (error) => report(({ closed }) => closed(error)),
    },
  })
  const connect: Connect = (next) => {
    queueMicrotask(() => {
      owner = next
      for (const tell of held.splice(0)) guarded(() => tell(next.observer))
    })
    return client
  }
  return { client, connect }
}
