import type { LinkEvent } from '../link/link.ts'

/** An event of a link, in words. */
export const tellEvent = (event: LinkEvent): string => events[event]

const events: Readonly<Record<LinkEvent, string>> = {
  connecting: 'The link is being opened.',
  open: 'The link is open.',
  repairing: 'Nothing has arrived for 2 s.',
  failed: 'The link has failed.',
  direct: 'The path is direct.',
  relay: 'The path goes through a TURN server.',
  via: 'The path goes through another member.',
  silent: 'The peer fell silent; a new connection is tried.',
  network: 'The network of this device has changed; a new connection is tried.',
  ended: 'The connection has ended; a new one is tried.',
  closed: 'The peer has closed the link.',
  replaced: 'A new connection carries the data.',
  healed: 'The path works again.',
}
