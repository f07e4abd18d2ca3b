import { type JoinOptions, joinRoom, type Room } from '@skein/sdk'
import { type Exchange, Exchanging, type Progress } from './exchange.ts'
import {
  type Arrived,
  type ByteBreaks,
  receiveLarge,
  type Sending,
  sendLarge,
} from './large-transfer.ts'
import { type RoleReport, type RoleRun, RoleTab, reportKey } from './role.ts'
import { type Offer, Offering, SlowReader, sendFast } from './slow-reader.ts'
import { type TurnUse, WatchedConnection, watched } from './watched-connection.ts'

/** A fact that the room told of, in the order told. */
export type LabEvent =
  | {
      readonly type: 'hostchange'
      readonly host: string | null
      readonly term: number
      readonly reason: string | null
    }
  | { readonly type: 'peerjoin' | 'peerleave'; readonly peer: string }
  | { readonly type: 'statuschange'; readonly status: string }

/** What a tab looks like from the outside. */
export interface LabView {
  readonly self: string
  readonly epoch: number
  readonly term: number
  readonly host: string | null
  readonly status: string
  readonly peers: readonly string[]
  readonly openLinks: readonly string[]
  /** Of the open links, in the same order. */
  readonly paths: readonly (string | null)[]
  /** The TURN servers that the connections were given, each credential once. */
  readonly turns: readonly TurnUse[]
  readonly connections: number
  readonly channelsClosed: number
  readonly events: readonly LabEvent[]
}

let room: Room | null = null
let largeArrived: (() => Promise<Arrived>) | null = null
let role: RoleTab | null = null
let slowReader: SlowReader | null = null
let offering: Offering | null = null
let exchanging: Exchanging | null = null
const events: LabEvent[] = []
const received = new Map<string, number[]>()

const joined = (): Room => {
  if (!room) throw new Error('join first')
  return room
}

const numbers = () => joined().channel<number>('numbers')

function watch(one: Room): void {
  one.on('hostchange', ({ host, term, reason }) =>
    events.push({ type: 'hostchange', host, term, reason }),
  )
  one.on('peerjoin', ({ peer }) => events.push({ type: 'peerjoin', peer: peer.id }))
  one.on('peerleave', ({ peer }) => events.push({ type: 'peerleave', peer: peer.id }))
  one.on('statuschange', ({ status }) => events.push({ type: 'statuschange', status }))
  one.channel<number>('numbers').on('message', ({ data, from }) => {
    const list = received.get(from) ?? []
    list.push(data)
    received.set(from, list)
  })
}

const lab = {
  async join(options: JoinOptions): Promise<void> {
    room = await joinRoom({ ...options, RTCPeerConnection: WatchedConnection })
    watch(room)
  },
  leave: (): Promise<void> => joined().leave(),
  view(): LabView {
    const { self, epoch, term, host, status, peers } = joined()
    const open = [...peers.values()].filter((peer) => peer.link?.state === 'open')
    return {
      self: self.id,
      epoch,
      term,
      host,
      status,
      peers: [...peers.keys()],
      openLinks: open.map((peer) => peer.id),
      paths: open.map((peer) => peer.link?.path ?? null),
      events: [...events],
      ...watched,
    }
  },
  /** Sends the numbers from `first` up to and without `end` to everyone, awaiting each. */
  async sendNumbers({
    first,
    end,
  }: {
    readonly first: number
    readonly end: number
  }): Promise<void> {
    for (let number = first; number < end; number++) await numbers().send(number)
  },
  received: (from: string): readonly number[] => received.get(from) ?? [],
  exchange(plan: Exchange): void {
    exchanging = new Exchanging(joined(), plan)
  },
  progress: (): Progress | null => exchanging?.progress ?? null,
  exchanged: (): readonly (readonly number[])[] => exchanging?.numbers ?? [],
  goOn: (): void => exchanging?.goOn(),
  receiveLarge(breaks: ByteBreaks): void {
    largeArrived = receiveLarge(joined(), breaks)
  },
  largeArrived: (): Promise<Arrived> | undefined => largeArrived?.(),
  readSlowly(): void {
    slowReader = new SlowReader(joined())
  },
  readOne: (): Promise<number> | undefined => slowReader?.readOne(),
  fastBytes: (): number => slowReader?.fastBytes ?? 0,
  offer(offer: Offer): void {
    offering = new Offering(joined(), offer)
  },
  offered: (): Offering['state'] | undefined => offering?.state,
  sendFast: (offer: Offer): Promise<number> => sendFast(joined(), offer),
  workForHost(run: RoleRun): void {
    role = new RoleTab(joined(), run)
  },
  roleReport: (): RoleReport | null => role?.report ?? null,
  /** Of a tab of this browser context that is closed. */
  leftReport(name: string): RoleReport | null {
    return JSON.parse(localStorage.getItem(reportKey(name)) ?? 'null')
  },
  sendLarge: (sending: Sending): Promise<readonly string[]> => sendLarge(joined(), sending),
}

export type Lab = typeof lab

declare global {
  interface Window {
    lab: Lab
  }
}

window.lab = lab
