import type { Room } from '@skein/sdk'
import { type BreakKind, breakNow } from './breaks.ts'
import { describeLarge, type Large, type LargeData, makeLarge } from './large.ts'
import { afterBytes } from './watched-connection.ts'

/** The connection breaks once this many bytes have arrived. */
export type ByteBreaks = readonly { readonly afterBytes: number; readonly kind: BreakKind }[]

/** What arrived: a large message, and small ones on another channel meanwhile. */
export interface Arrived {
  /** As from `describeLarge`. */
  readonly large: readonly string[]
  /** Small messages that arrived before the large one. */
  readonly smallBefore: number
  readonly small: readonly number[]
  readonly broken: number
}

const channels = (room: Room) => ({
  large: room.channel<LargeData>('large'),
  small: room.channel<{ readonly number: number; readonly fill: string }>('small'),
})

/** Starts listening, and returns a function that waits for the large message. */
export const receiveLarge = (room: Room, breaks: ByteBreaks): (() => Promise<Arrived>) => {
  const { large, small } = channels(room)
  const numbers: number[] = []
  let broken = 0
  for (const { afterBytes: bytes, kind } of breaks) {
    afterBytes(bytes, () => {
      broken += Number(breakNow(kind))
    })
  }
  small.on('message', ({ data }) => numbers.push(data.number))
  const arrival = new Promise<{ readonly data: LargeData; readonly smallBefore: number }>(
    (resolve) => {
      large.on('message', ({ data }) => resolve({ data, smallBefore: numbers.length }))
    },
  )
  return async () => {
    const { data, smallBefore } = await arrival
    return { large: await describeLarge(data), smallBefore, small: numbers, broken }
  }
}

export interface Sending {
  readonly what: Large
  /** The number of 100-byte messages sent meanwhile, each after the previous one was handled. */
  readonly small: number
}

/** Resolves once all messages were handled, with a description of the large one. */
export const sendLarge = async (
  room: Room,
  { what, small: count }: Sending,
): Promise<readonly string[]> => {
  const { large, small } = channels(room)
  const data = makeLarge(what)
  const sent = large.send(data, { ack: true })
  for (let number = 0; number < count; number += 1) {
    await small.send({ number, fill: 'x'.repeat(75) }, { ack: true })
  }
  await sent
  return await describeLarge(data)
}
