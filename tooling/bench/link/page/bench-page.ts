// `connections.ts` must come before any contestant: it replaces RTCPeerConnection for all of them.

import { now, pause } from './clock.ts'
import { discardedPackets, forgetConnections, setDetour } from './connections.ts'
import type { Connection, Contestant, MeshSetup, PairSetup, Transport } from './contestant.ts'
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
let leaveMesh: (() => Promise<void> | void) | null = null
let side: Transport | null = null
let receiver: Receiver | null = null

const required = <Value>(value: Value | null): Value => {
  if (value === null) throw new Error('calls to the page came in the wrong order')
  return value
}

/** Sends one message as early as possible, which proves that the link is open. */
const greet = async (connection: Connection, role: PairSetup['role']): Promise<number> => {
  if (role === 'waiting')
    return await new Promise((resolve) => connection.listen(() => resolve(now())))
  await connection.send(new Uint8Array(100))
  return now()
}

const bench = {
  /** Loads the code of this contestant only: some contestants change browser globals. */
  async load(name: Name): Promise<void> {
    contestant = await contestants[name]()
  },
  traits: () => {
    const { bestMessageBytes = null, mayReuse } = required(contestant)
    return { bestMessageBytes, mayReuse }
  },
  /** Enters the room where the other page finds this one; returns the start time. */
  async enter(setup: PairSetup): Promise<number> {
    forgetConnections()
    const startedAt = now()
    const { opened } = await required(contestant).enter(setup)
    opening = opened.then((connection) => ({ connection, at: now() }))
    greeting = opening.then(({ connection }) => greet(connection, setup.role))
    return startedAt
  },
  /** When the first message of the joining page arrived. */
  greeted: (): Promise<number> => required(greeting),
  /** Waits until both pages can send; returns the time. */
  opened: async (): Promise<number> => (await required(opening)).at,
  async expect(expected: Expected): Promise<void> {
    receiver = new Receiver((await required(opening)).connection, expected)
    // `received` reports the error.
    receiver.done.catch(() => null)
  },
  received: (): Promise<Received> => required(receiver).done,
  receivedCount: (): number => required(receiver).count,
  sendAll: async (sending: Sending): Promise<number> =>
    sendAll((await required(opening)).connection, sending),
  /** Opens the side transport; the page with `answers` echoes what arrives on it. */
  async openSide({ answers }: { readonly answers: boolean }): Promise<void> {
    side = await (await required(opening)).connection.side()
    if (answers) echo(side)
  },
  roundTrips: ({ count, bytes }: Expected): Promise<readonly number[]> =>
    roundTrips(required(side), { bytes, pauseMs: 0, goesOn: (done) => done < count }),
  /** Round trips on the side transport for as long as the sending lasts. */
  async roundTripsWhile(sending: Sending): Promise<{
    readonly startedAt: number
    readonly tookMs: readonly number[]
  }> {
    let isSending = true
    const sent = bench.sendAll(sending).finally(() => {
      isSending = false
    })
    const tookMs = await roundTrips(required(side), {
      bytes: 100,
      pauseMs: 5,
      goesOn: () => isSending,
    })
    return { startedAt: await sent, tookMs }
  },
  discardedPackets,
  /** From now on, reaches the other page through the proxy ports that the runner names. */
  setDetour: (): void => setDetour((end) => window.proxyPortFor(end)),
  /** Defines `window.whole`, for single messages of any kind (SDK only). */
  async loadWhole(): Promise<void> {
    const { wholeMessage } = await import('./whole-message.ts')
    Object.assign(window, { whole: wholeMessage })
  },
  /** Joins at `startAt`; returns when there was a link to every other page. */
  async joinMesh({ startAt, ...setup }: MeshSetup & { readonly startAt: number }) {
    const { joinMesh } = required(contestant)
    await pause(startAt - now())
    leaveMesh = await joinMesh(setup)
    return now()
  },
  async leaveMesh(): Promise<void> {
    await required(leaveMesh)()
    leaveMesh = null
  },
  /** Keeps the main thread of this page busy. */
  spin(ms: number): void {
    for (const until = performance.now() + ms; performance.now() < until; );
  },
  async close(): Promise<void> {
    const open = opening
    opening = null
    side = null
    receiver = null
    await (await required(open)).connection.close()
  },
}

declare global {
  interface Window {
    readonly proxyPortFor: Detour
  }
}

export type Bench = typeof bench

Object.assign(window, { bench })
