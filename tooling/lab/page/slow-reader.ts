import type { ChannelMessage, Room } from '@skein/sdk'

interface Content {
  readonly number: number
  readonly fill: string
}

const contentOf = (number: number, bytes: number): Content => ({ number, fill: 'x'.repeat(bytes) })

/** The message of the current iteration, and a function that ends the iteration. */
interface Iteration {
  readonly number: number
  readonly release: () => void
}

/** Reads one message of `slow` per call of `readOne`, and counts the bytes received on `fast`. */
export class SlowReader {
  fastBytes = 0
  #iteration = Promise.withResolvers<Iteration>()

  constructor(room: Room) {
    room.channel<Content>('fast').on('message', ({ data }) => {
      this.fastBytes += data.fill.length
    })
    void this.#read(room.channel<Content>('slow'))
  }

  /** Ends the current iteration; resolves with the number of its message. */
  async readOne(): Promise<number> {
    const { number, release } = await this.#iteration.promise
    this.#iteration = Promise.withResolvers()
    release()
    return number
  }

  async #read(slow: AsyncIterable<ChannelMessage<Content>>): Promise<void> {
    for await (const { data } of slow) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#iteration.resolve({ number: data.number, release: resolve })
      await promise
    }
  }
}

export interface MessageLoad {
  readonly count: number
  readonly messageBytes: number
}

/** Sends messages on `slow`, each once `send` has accepted the previous one. */
export class SlowSender {
  readonly state: { sent: number; failure: string | null } = { sent: 0, failure: null }

  constructor(room: Room, { count, messageBytes }: MessageLoad) {
    const slow = room.channel<Content>('slow')
    const sendAll = async () => {
      for (let number = 0; number < count; number += 1) {
        await slow.send(contentOf(number, messageBytes))
        this.state.sent = number + 1
      }
    }
    sendAll().catch((error: unknown) => {
      this.state.failure = `${error}`
    })
  }
}

/** Sends messages on `fast`; resolves with the milliseconds until the last one was handled. */
export const sendFast = async (
  room: Room,
  { count, messageBytes }: MessageLoad,
): Promise<number> => {
  const fast = room.channel<Content>('fast')
  const startMs = performance.now()
  for (let number = 1; number < count; number += 1) await fast.send(contentOf(number, messageBytes))
  await fast.send(contentOf(0, messageBytes), { ack: true })
  return performance.now() - startMs
}
