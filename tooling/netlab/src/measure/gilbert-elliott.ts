import type { Random } from '@skein/protocol/testing'

/** Loss in bursts. Without bursts, each packet is lost or not regardless of the one before. */
export interface LossModel {
  /** The share of packets that are lost, from 0 up to but not including 1. */
  readonly loss: number
  /** The mean length of a burst, in packets. */
  readonly burst: number
}

/**
 * Which packets are lost, one byte each: 1 for lost. The model of Gilbert and Elliott with a good
 * state that loses nothing and a bad one that loses everything.
 */
export function lossPattern({ loss, burst }: LossModel, count: number, random: Random): Uint8Array {
  const leaveBad = 1 / burst
  const leaveGood = (leaveBad * loss) / (1 - loss)
  let isBad = false
  return Uint8Array.from({ length: count }, () => {
    isBad = random() < (isBad ? 1 - leaveBad : leaveGood)
    return isBad ? 1 : 0
  })
}

/** The mean length of a burst if losses are independent of each other. */
export const independentBurst = (loss: number): number => 1 / (1 - loss)

/** How many bytes are on the way when a connection just fills a path: a buffer of the usual size. */
export function bandwidthDelayBytes(rateKbit: number, roundTripMs: number): number {
  return Math.ceil((rateKbit * roundTripMs) / 8)
}
