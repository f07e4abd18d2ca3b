import type { PeerId } from '@skein/protocol'
import { compareHostTerms, type HostTerm } from '../core/host-term.ts'
import type { Incoming } from '../transport/frame-receiver.ts'
import type { Outcome } from './channel.ts'

/** The room as channels see it, at the moment of asking. */
export interface RoomView extends HostTerm {
  readonly self: PeerId
  readonly host: PeerId | null
  /** The others. */
  readonly peers: ReadonlyMap<PeerId, unknown>
}

/**
 * What becomes of a message that is for the host, or of a `hostOnly` channel. `null`: it is to be
 * handled; `early`: it is of a hostTerm that I have not heard of yet.
 */
export const checkTerm = (
  { hostTerm, isForHost }: Pick<Incoming, 'hostTerm' | 'isForHost'>,
  from: PeerId,
  view: RoomView,
): Outcome | 'early' => {
  const order = compareHostTerms(hostTerm, view)
  if (order > 0) return 'early'
  if (isForHost) return view.host === view.self ? null : 'not-host'
  if (order < 0) return 'stale-term'
  return from === view.host ? null : 'not-host'
}
