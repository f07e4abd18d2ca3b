import type { PeerId } from '@skein/protocol'

export interface Plan {
  readonly topology: 'mesh' | 'star'
  readonly self: PeerId
  readonly host: PeerId | null
  /** Whether the link to the host is open: not while there is no host in view. */
  readonly isHostLinked: boolean
}

/**
 * Which of the others I need a link to; `isLinked` tells whether there is one. In a mesh it is
 * everyone; so it is for the host of a star, where the others need one to the host. While the link
 * to a new host is not open (or there is no host) those that exist are still needed.
 */
export const linkPlan =
  ({ topology, self, host, isHostLinked }: Plan) =>
  (peer: PeerId, isLinked: boolean): boolean =>
    topology === 'mesh' || host === self || host === peer || (isLinked && !isHostLinked)
