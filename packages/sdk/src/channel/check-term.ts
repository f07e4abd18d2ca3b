import type { PeerId } from '@skein/protocol'
import { compareHostTerms, type HostTerm } from '../core/host-term.ts'
import type { Incoming } from '../transport/frame-receiver.ts'
import type { Outcome } from './channel.ts'

/** The current state of the room, as far as channels need it. */
export interface RoomView extends HostTerm {
  readonly self: PeerId
  readonly host: PeerId | null
  /** The other members. */
  readonly peers: ReadonlyMap<PeerId, unknown>
}

/**
 * Checks a message for the host or of a `hostOnly` channel. `null`: handle it; `early`: hold it, its
 * host term is not known here yet; else the reason to reject it.
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
