import type { Room } from '@skein/sdk'
import { breakNow, type How } from './breaks.ts'
import { describeLarge, type Large, type LargeData, makeLarge } from './large.ts'
import { afterBytes } from './watched-connection.ts'

/** The connection breaks when so many bytes have come. */
export type ByteBreaks = readonly { readonly afterBytes: number; readonly how: How }[]

/** What came of a large message, and of small ones on another channel meanwhile. */
export interface Arrived {
  readonly large: readonly string[]
  readonly smallBefore: number
  readonly small: readonly number[]
  readonly broken: number
}

const channels = (room: Room) => ({
  large: room.channel<LargeData>('large'),
  small: room.channel<{ readonly number: number; readonly fill: string }>('small'),
})

/** Listens from now on; the function returned waits for the large one. */
export const receiveLarge = (room: Room, breaks: ByteBreaks): (() => Promise<Arrived>) => {
  const { large, small } = channels(room)
  const numbers: number[] = []
  let broken = 0
  for (const { afterBytes: bytes, how } of breaks) {
    afterBytes(bytes, () => {
      broken += Number(breakNow(how))
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
  /** So many of 100 bytes go beside it, each when the one before was handled. */
  readonly small: number
}

/** Resolves with what the large one was, when all of them were handled. */
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
