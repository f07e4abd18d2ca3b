import type { PeerId } from '@skein/protocol'
import type { ChannelOptions } from '../api.ts'
import { compareReigns, type Reign } from '../core/reign.ts'
import type { Outcome } from './channel.ts'
import type { Incoming } from './inbox.ts'

/** The room as channels see it, at the moment of asking. */
export interface RoomView extends Reign {
  readonly self: PeerId
  readonly host: PeerId | null
  /** The others. */
  readonly peers: ReadonlyMap<PeerId, unknown>
}

/** `null`: to be handled; `early`: of a reign that I have not heard of yet. */
export const verdict = (
  { reign, isForHost }: Pick<Incoming, 'reign' | 'isForHost'>,
  from: PeerId,
  { hostOnly, ...view }: RoomView & Pick<ChannelOptions, 'hostOnly'>,
): Outcome | 'early' => {
  if (!(isForHost || hostOnly)) return null
  const order = compareReigns(reign, view)
  if (order > 0) return 'early'
  if (isForHost) return view.host === view.self ? null : 'not-host'
  if (order < 0) return 'stale-term'
  return from === view.host ? null : 'not-host'
}
