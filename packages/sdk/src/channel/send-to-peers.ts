import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import type { SendOutcome } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import { type AbortOrTimeoutOptions, onAbortOrTimeout } from '../time/on-abort-or-timeout.ts'
import { type Message, Outgoing } from '../transport/outgoing.ts'
import type { PeerTransport } from '../transport/peer-transport.ts'

export interface PeersSend extends AbortOrTimeoutOptions {
  readonly message: Message
  /** The transport of each peer, or the code why it cannot be reached. */
  readonly targets: ReadonlyMap<PeerId, PeerTransport | SkeinErrorCode>
  readonly ack: boolean
}

interface Attempt {
  readonly peer: PeerId
  readonly item: Outgoing
  readonly transport: PeerTransport | null
}

/** The sender's own failures: with them every send rejects. */
const ownCodes: readonly SkeinErrorCode[] = ['aborted', 'closed', 'bad-argument']

/** Settles once the outcome for each peer is known: at once if all have accepted the message. */
export const sendToPeers = (options: PeersSend): SendOutcome | Promise<SendOutcome> => {
  const { message, targets, ack } = options
  const attempts = [...targets].map(([peer, target]): Attempt => {
    if (typeof target !== 'string')
      return { peer, transport: target, item: target.send(message, ack) }
    const item = new Outgoing(message)
    item.settle(target)
    return { peer, transport: null, item }
  })
  const isPending = ({ item }: Attempt) => item.result === undefined && (ack || !item.isAccepted)
  const isDone = attempts.every(({ item }) => item.isAccepted && item.result === undefined)
  if (isDone && !ack) return { reached: [...targets.keys()], failed: new Map() }
  return new Promise((resolve, reject) => {
    const onChange = () => {
      if (attempts.some(isPending)) return
      cancel()
      const cause = outcomeOf(attempts)
      const codes = [...cause.failed.values()]
      // A send to all has begun: that it did not reach some peers does not make it fail.
      const code = codes.find((each) => ownCodes.includes(each)) ?? (message.isForAll || codes[0])
      if (typeof code !== 'string') resolve(cause)
      else {
        const text = `${code}: ${[...cause.failed.keys()].join()}`
        reject(new SkeinError(code, { message: text, cause }))
      }
    }
    const cancel = onAbortOrTimeout(options, ({ code }) => {
      for (const { transport, item } of attempts.filter(isPending)) transport?.settle(item, code)
    })
    for (const { item } of attempts) item.onchange = onChange
    onChange()
  })
}

const outcomeOf = (attempts: readonly Attempt[]): SendOutcome => {
  const failed = new Map<PeerId, SkeinErrorCode>()
  const reached: PeerId[] = []
  for (const { peer, item } of attempts) {
    if (item.result) failed.set(peer, item.result)
    else reached.push(peer)
  }
  return { reached, failed }
}
