import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import { SkeinError } from '../errors.ts'
import { type GiveUpOptions, whenGivenUp } from './give-up.ts'
import type { Outgoing } from './outgoing.ts'

/** One who is host, and how it is given the message. */
export interface HostTarget {
  readonly peer: PeerId
  readonly send: () => Outgoing
  readonly settle: (item: Outgoing, code: SkeinErrorCode) => void
}

export interface HostSend extends GiveUpOptions {
  /** Whether the promise waits for the host's application. */
  readonly ack: boolean
  /** The host of now; `null` while there is none, or no way to it yet. */
  readonly find: () => HostTarget | null
  /** Calls back when the host, or the way to it, may have changed, or all is over; returns its off. */
  readonly watch: (changed: (isClosed: boolean) => void) => () => void
}

/** Follows the role until some host has the message; resolves with who that is. */
export const sendToHost = (options: HostSend): Promise<PeerId> =>
  new Promise((resolve, reject) => {
    const { ack, find, watch } = options
    let attempt: { readonly host: HostTarget; readonly item: Outgoing } | null = null
    /** Who said no: not asked again before something has changed. */
    let refused: PeerId | null = null
    let isResolved = false

    const begin = () => {
      const host = find()
      if (!host || host.peer === refused) return
      const item = host.send()
      attempt = { host, item }
      item.onchange = () => heard(host.peer, item)
      item.onchange()
    }
    const heard = (peer: PeerId, item: Outgoing) => {
      const next = nextStep(item, ack)
      isResolved ||= next === 'done' || (item.isTaken && !ack)
      if (isResolved) resolve(peer)
      if (next === 'wait') return
      attempt = null
      refused = peer
      if (next === 'again') begin()
      else end(next === 'done' ? null : new SkeinError(next))
    }
    const withdraw = () => {
      const { host, item } = attempt ?? {}
      attempt = null
      if (!item) return
      item.onchange = () => {}
      host?.settle(item, 'aborted')
    }
    const end = (error: SkeinError | null) => {
      unwatch()
      off()
      if (error) reject(error)
    }
    const unwatch = watch((isClosed) => {
      if (isClosed) return end(new SkeinError('closed'))
      refused = null
      // What the old host may have is waited for: only its answer tells.
      if (attempt?.item.isSent || (attempt && find()?.peer === attempt.host.peer)) return
      withdraw()
      begin()
    })
    const off = whenGivenUp(options, (error) => {
      // What was promised is followed to its host, however long that takes.
      if (isResolved) return
      withdraw()
      end(error)
    })
    begin()
  })

/** A code is one with which it fails. */
const nextStep = (
  { isSent, result }: Outgoing,
  ack: boolean,
): 'wait' | 'done' | 'again' | SkeinErrorCode => {
  if (result === undefined) return 'wait'
  if (result === null) return 'done'
  // Another host would not make it better.
  if (['too-large', 'queue-full', 'closed', 'bad-argument'].includes(result)) return result
  return isSent && ack && result !== 'not-host' ? 'host-changed' : 'again'
}
