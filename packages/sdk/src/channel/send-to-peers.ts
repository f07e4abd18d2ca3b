import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import type { SendOutcome } from '../api.ts'
import { SkeinError } from '../errors.ts'
import { type GiveUpOptions, whenGivenUp } from './give-up.ts'
import type { Message, Outgoing } from './outgoing.ts'
import type { Pipe } from './pipe.ts'

export interface PeersSend extends GiveUpOptions {
  readonly message: Message
  /** A peer without a pipe cannot be reached; the code says why. */
  readonly targets: ReadonlyMap<PeerId, Pipe | SkeinErrorCode>
  readonly asksAnswer: boolean
}

/** Settles when it is known of each peer what became of the message. */
export const sendToPeers = (options: PeersSend): Promise<void> =>
  new Promise((resolve, reject) => {
    const reached: PeerId[] = []
    const failed = new Map<PeerId, SkeinErrorCode>()
    const waiting = new Map<PeerId, () => void>()
    let left = options.targets.size
    let cause: SkeinError | undefined
    const done = (peer: PeerId, code: SkeinErrorCode | null) => {
      if (reached.includes(peer) || failed.has(peer)) return
      waiting.delete(peer)
      if (code) failed.set(peer, code)
      else reached.push(peer)
      left -= 1
      if (left === 0) finish()
    }
    const finish = () => {
      off()
      if (failed.size === 0) resolve()
      else reject(failure({ reached, failed }, cause))
    }
    const off = whenGivenUp(options, (error) => {
      cause = error
      for (const [peer, cancel] of [...waiting]) {
        cancel()
        done(peer, error.code)
      }
    })
    if (left === 0) finish()
    for (const [peer, pipe] of options.targets) {
      if (typeof pipe === 'string') done(peer, pipe)
      else start({ peer, pipe, options, waiting, done })
    }
  })

interface Start {
  readonly peer: PeerId
  readonly pipe: Pipe
  readonly options: PeersSend
  readonly waiting: Map<PeerId, () => void>
  readonly done: (peer: PeerId, code: SkeinErrorCode | null) => void
}

const start = ({ peer, pipe, options, waiting, done }: Start): void => {
  const { asksAnswer, message } = options
  const item: Outgoing | null = pipe.send(message, {
    asksAnswer,
    accepted: () => {
      if (!asksAnswer) done(peer, null)
    },
    settled: (code) => done(peer, code),
  })
  if (item) waiting.set(peer, () => pipe.cancel(item))
}

const failure = (outcome: SendOutcome, cause: SkeinError | undefined): SkeinError => {
  const [first] = outcome.failed
  if (!first) throw new Error('a failed send has a peer that it failed for')
  const [peer, code] = first
  const all = outcome.failed.size + outcome.reached.length
  const message = `${cause?.code ?? code}: ${outcome.failed.size} of ${all} peers, first ${peer}`
  return new SkeinError(cause?.code ?? code, { message, cause: outcome })
}
