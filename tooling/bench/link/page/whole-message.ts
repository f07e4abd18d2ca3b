import { type Channel, joinRoom, type Room } from '@skein/sdk'
import { now, pause } from './clock.ts'
import { type LongTasks, watchTasks } from './long-tasks.ts'
import { watchPlatform } from './platform-calls.ts'
import { digestOf, makeWhole, type Whole, type WholeSize } from './whole-payload.ts'

/** What one end measured for one message. */
export interface WholeSeen {
  readonly at: number
  readonly tasks: LongTasks
}

/** Keeps earlier work out of the measurement. */
const settleMs = 300

let room: Room | null = null
/** The message that was prepared for sending, or has arrived. */
let had: Whole | null = null

const channel = (): Channel<Whole> => {
  if (!room) throw new Error('join first')
  return room.channel<Whole>('whole')
}

/** One of two pages that send single messages of any kind and size through the SDK. */
export const wholeMessage = {
  async join({ url, name }: { readonly url: string; readonly name: string }): Promise<void> {
    watchPlatform()
    room = await joinRoom({ url, room: name, maxMessageBytes: 2 ** 30 })
    const one = room
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if ([...one.peers.values()].some(({ link }) => link?.state === 'open')) resolve()
      }
      one.on('linkchange', look)
      look()
    })
  },
  /** Creates the message beforehand, because creating it is not the SDK's work. */
  async prepare(size: WholeSize): Promise<void> {
    had = makeWhole(size)
    await pause(settleMs)
  },
  /** Sends the prepared message; `at` is the start time. */
  async send(): Promise<WholeSeen> {
    if (had === null) throw new Error('prepare first')
    const whole = had
    const tasks = watchTasks()
    const at = now()
    await channel().send(whole)
    return { at, tasks: await tasks.stop() }
  },
  async receive(): Promise<WholeSeen> {
    const tasks = watchTasks()
    const [whole, at] = await new Promise<readonly [Whole, number]>((resolve) => {
      channel().on('message', ({ data }) => resolve([data, now()]))
    })
    had = whole
    return { at, tasks: await tasks.stop() }
  },
  /** Of the message sent or received. A separate call, because it takes memory too. */
  digest: async (): Promise<string> => (had === null ? 'nothing' : await digestOf(had)),
  async leave(): Promise<void> {
    await room?.leave()
  },
}

export type WholeMessage = typeof wholeMessage
