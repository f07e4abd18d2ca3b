import type { Contestant } from '../contestant.ts'
import { creditTransport } from '../credit-transport.ts'
import { rawContestant } from '../raw-contestant.ts'

const withWindow = (windowBytes: number): Contestant => ({
  bestMessageBytes: 64 * 1024,
  mayReuse: true,
  ...rawContestant({
    channels: 2,
    make: ([data, credit]) => {
      if (!data || !credit) throw new Error('expected two channels')
      return creditTransport({ data, credit }, windowBytes)
    },
  }),
})

/** The raw channel with a credit window: shows the effect of end-to-end flow control alone. */
export const rawCredit: Contestant = withWindow(256 * 1024)
export const rawCredit128: Contestant = withWindow(128 * 1024)
export const rawCredit512: Contestant = withWindow(512 * 1024)
