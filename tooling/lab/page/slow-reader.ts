import type { ChannelMessage, Room } from '@skein/sdk'

interface Content {
  readonly number: number
  readonly fill: string
}

const contentOf = (number: number, bytes: number): Content => ({ number, fill: 'x'.repeat(bytes) })

/** A message in the body of the loop, and what ends that round of it. */
interface Round {
  readonly number: number
  readonly release: () => void
}

/** Reads `slow` with a loop whose body ends when it is told to, and counts what comes on `fast`. */
export class SlowReader {
  fastBytes = 0
  #round = Promise.withResolvers<Round>()

  constructor(room: Room) {
    room.channel<Content>('fast').on('message', ({ data }) => {
      this.fastBytes += data.fill.length
    })
    void this.#read(room.channel<Content>('slow'))
  }

  /** Ends the body of the loop; resolves with the number of the message that it had. */
  async readOne(): Promise<number> {
    const { number, release } = await this.#round.promise
    this.#round = Promise.withResolvers()
    release()
    return number
  }

  async #read(slow: AsyncIterable<ChannelMessage<Content>>): Promise<void> {
    for await (const { data } of slow) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#round.resolve({ number: data.number, release: resolve })
      await promise
    }
  }
}

export interface Offer {
  readonly count: number
  readonly messageBytes: number
}

/** Offers messages on `slow`, each when the one before was taken by `send`. */
export class Offering {
  readonly state: { sent: number; failure: string | null } = { sent: 0, failure: null }

  constructor(room: Room, { count, messageBytes }: Offer) {
    const slow = room.channel<Content>('slow')
    const offer = async () => {
      for (let number = 0; number < count; number += 1) {
        await slow.send(contentOf(number, messageBytes))
        this.state.sent = number + 1
      }
    }
    offer().catch((error: unknown) => {
      this.state.failure = `${error}`
    })
  }
}

/** Resolves with the milliseconds that so many messages on `fast` took, the last one handled. */
export const sendFast = async (room: Room, { count, messageBytes }: Offer): Promise<number> => {
  const fast = room.channel<Content>('fast')
  const began = performance.now()
  for (let number = 1; number < count; number += 1) await fast.send(contentOf(number, messageBytes))
  await fast.send(contentOf(0, messageBytes), { ack: true })
  return performance.now() - began
}
