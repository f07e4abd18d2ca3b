import type { Contestant } from '../contestant.ts'
import { rawContestant } from '../raw-contestant.ts'
import { plain, plainPipe } from '../raw-pipe.ts'

/** The channel as it is, with its best plain settings. */
export const raw: Contestant = {
  bestMessageBytes: plain.pieceBytes,
  mayReuse: true,
  ...rawContestant({
    channels: 1,
    make: ([channel]) => {
      if (!channel) throw new Error('one channel')
      return plainPipe(channel, plain)
    },
  }),
}
