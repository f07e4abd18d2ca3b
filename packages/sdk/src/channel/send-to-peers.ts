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

/** Settles once the outcome for each peer is known. Returns `null` if all accepted it at once. */
export const sendToPeers = (options: PeersSend): Promise<null> | null => {
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
  if (isDone && !ack) return null
  return new Promise((resolve, reject) => {
    let code: SkeinErrorCode | undefined
    const onChange = () => {
      if (attempts.some(isPending)) return
      cancel()
      const error = failure(attempts, code)
      if (error) reject(error)
      else resolve(null)
    }
    const cancel = onAbortOrTimeout(options, (error) => {
      code = error.code
      for (const { transport, item } of attempts.filter(isPending))
        transport?.settle(item, error.code)
    })
    for (const { item } of attempts) item.onchange = onChange
    onChange()
  })
}

/** The error for the failed peers, or `null`. Its code is `code`, else that of the first failure. */
const failure = (attempts: readonly Attempt[], code?: SkeinErrorCode): SkeinError | null => {
  const failed = new Map<PeerId, SkeinErrorCode>()
  const reached: PeerId[] = []
  for (const { peer, item } of attempts) {
    if (item.result) failed.set(peer, item.result)
    else reached.push(peer)
  }
  const [first] = failed.values()
  if (!first) return null
  const cause: SendOutcome = { reached, failed }
  const message = `${code ?? first}: ${[...failed.keys()].join()}`
  return new SkeinError(code ?? first, { message, cause })
}
