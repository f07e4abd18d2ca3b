import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import type { SendOutcome } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import { type GiveUpOptions, whenGivenUp } from '../time/on-abort-or-timeout.ts'
import { type Message, type Outgoing, outgoing } from '../transport/outgoing.ts'
import type { Pipe } from '../transport/peer-transport.ts'

export interface PeersSend extends GiveUpOptions {
  readonly message: Message
  /** A peer without a pipe cannot be reached; the code says why. */
  readonly targets: ReadonlyMap<PeerId, Pipe | SkeinErrorCode>
  readonly ack: boolean
}

interface Attempt {
  readonly peer: PeerId
  readonly item: Outgoing
  readonly pipe: Pipe | null
}

/** Settles when it is known of each peer what became of the message; `null`: all took it at once. */
export const sendToPeers = (options: PeersSend): Promise<null> | null => {
  const { message, targets, ack } = options
  const attempts = [...targets].map(([peer, target]): Attempt => {
    if (typeof target !== 'string') return { peer, pipe: target, item: target.send(message, ack) }
    return { peer, pipe: null, item: { ...outgoing(message, 0), result: target } }
  })
  const isOpen = ({ item }: Attempt) => item.result === undefined && (ack || !item.isTaken)
  const isDone = attempts.every(({ item }) => item.isTaken && item.result === undefined)
  if (isDone && !ack) return null
  return new Promise((resolve, reject) => {
    let code: SkeinErrorCode | undefined
    const changed = () => {
      if (attempts.some(isOpen)) return
      off()
      const error = failure(attempts, code)
      if (error) reject(error)
      else resolve(null)
    }
    const off = whenGivenUp(options, (error) => {
      code = error.code
      for (const { pipe, item } of attempts.filter(isOpen)) pipe?.settle(item, error.code)
    })
    for (const { item } of attempts) item.onchange = changed
    changed()
  })
}

/** `code` is why it was given up; without it, the first that is to tell. */
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
