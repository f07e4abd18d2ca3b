import type { Contestant } from '../contestant.ts'
import { rawContestant } from '../raw-contestant.ts'
import { plain, plainTransport } from '../raw-transport.ts'

/** The plain channel with its best settings. */
export const raw: Contestant = {
  bestMessageBytes: plain.pieceBytes,
  mayReuse: true,
  ...rawContestant({
    channels: 1,
    make: ([channel]) => {
      if (!channel) throw new Error('expected one channel')
      return plainTransport(channel, plain)
    },
  }),
}
