import type { Contestant } from '../contestant.ts'
import { creditPipe } from '../credit-pipe.ts'
import { rawContestant } from '../raw-contestant.ts'

const withWindow = (windowBytes: number): Contestant => ({
  bestMessageBytes: 64 * 1024,
  mayReuse: true,
  ...rawContestant({
    channels: 2,
    make: ([data, credit]) => {
      if (!data || !credit) throw new Error('two channels')
      return creditPipe({ data, credit }, windowBytes)
    },
  }),
})

/** The channel with a credit window: what flow control end to end is worth by itself. */
export const rawCredit: Contestant = withWindow(256 * 1024)
export const rawCredit128: Contestant = withWindow(128 * 1024)
export const rawCredit512: Contestant = withWindow(512 * 1024)
