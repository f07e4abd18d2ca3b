// First, so that everybody's connections are seen.

import { now, pause } from './clock.ts'
import { discardedPackets, forgetConnections, takeDetour } from './connections.ts'
import type { Connection, Contestant, Gathering, Meeting, Pipe } from './contestant.ts'
import { contestants, type Name } from './contestants/all.ts'
import type { Detour } from './detour.ts'
import { type Expected, type Received, Receiver } from './receive.ts'
import { echo, roundTrips, type Sending, sendAll } from './send.ts'

interface Open {
  readonly connection: Connection
  readonly at: number
}

let contestant: Contestant | null = null
let opening: Promise<Open> | null = null
let greeting: Promise<number> | null = null
let scatter: (() => Promise<void> | void) | null = null
let side: Pipe | null = null
let receiver: Receiver | null = null

const there = <Value>(value: Value | null): Value => {
  if (value === null) throw new Error('the page was asked in the wrong order')
  return value
}

/** One message as soon as it goes, so that "open" means something. */
const greet = async (connection: Connection, role: Meeting['role']): Promise<number> => {
  if (role === 'waiting')
    return await new Promise((resolve) => connection.listen(() => resolve(now())))
  await connection.send(new Uint8Array(100))
  return now()
}

const bench = {
  /** Loads the code of one contestant alone: some change what the browser has for all. */
  async load(name: Name): Promise<void> {
    contestant = await contestants[name]()
  },
  traits: () => {
    const { bestMessageBytes = null, mayReuse } = there(contestant)
    return { bestMessageBytes, mayReuse }
  },
  /** Goes where the other finds me; gives when that began. */
  async enter(meeting: Meeting): Promise<number> {
    forgetConnections()
    const startedAt = now()
    const { opened } = await there(contestant).enter(meeting)
    opening = opened.then((connection) => ({ connection, at: now() }))
    greeting = opening.then(({ connection }) => greet(connection, meeting.role))
    return startedAt
  },
  /** When the first message of the one who joined was here. */
  greeted: (): Promise<number> => there(greeting),
  /** Waits until both can talk; gives since when. */
  opened: async (): Promise<number> => (await there(opening)).at,
  async expect(expected: Expected): Promise<void> {
    receiver = new Receiver((await there(opening)).connection, expected)
    // Who asks for `received` hears of it.
    receiver.done.catch(() => null)
  },
  received: (): Promise<Received> => there(receiver).done,
  receivedCount: (): number => there(receiver).count,
  sendAll: async (sending: Sending): Promise<number> =>
    sendAll((await there(opening)).connection, sending),
  /** Opens the second way; the one who answers sends back what comes by it. */
  async openSide({ answers }: { readonly answers: boolean }): Promise<void> {
    side = await (await there(opening)).connection.side()
    if (answers) echo(side)
  },
  roundTrips: ({ count, bytes }: Expected): Promise<readonly number[]> =>
    roundTrips(there(side), { bytes, pauseMs: 0, goesOn: (done) => done < count }),
  /** Round trips on the second way as long as the sending lasts. */
  async roundTripsWhile(sending: Sending): Promise<{
    readonly startedAt: number
    readonly tookMs: readonly number[]
  }> {
    let isSending = true
    const sent = bench.sendAll(sending).finally(() => {
      isSending = false
    })
    const tookMs = await roundTrips(there(side), {
      bytes: 100,
      pauseMs: 5,
      goesOn: () => isSending,
    })
    return { startedAt: await sent, tookMs }
  },
  discardedPackets,
  /** From now on the other page is reached by the stand-ins that the runner names. */
  takeDetour: (): void => takeDetour((end) => window.standInFor(end)),
  /** Puts `window.whole` there, for single messages of any kind: the SDK alone. */
  async loadWhole(): Promise<void> {
    const { wholeMessage } = await import('./whole-message.ts')
    Object.assign(window, { whole: wholeMessage })
  },
  /** Joins at that moment; gives when there was a link to each of the others. */
  async gather({ startAt, ...gathering }: Gathering & { readonly startAt: number }) {
    const { gather } = there(contestant)
    await pause(startAt - now())
    scatter = await gather(gathering)
    return now()
  },
  async scatter(): Promise<void> {
    await there(scatter)()
    scatter = null
  },
  /** Keeps the processor of this page busy. */
  spin(ms: number): void {
    for (const until = performance.now() + ms; performance.now() < until; );
  },
  async close(): Promise<void> {
    const open = opening
    opening = null
    side = null
    receiver = null
    await (await there(open)).connection.close()
  },
}

declare global {
  interface Window {
    readonly standInFor: Detour
  }
}

export type Bench = typeof bench

Object.assign(window, { bench })
