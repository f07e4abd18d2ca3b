import { type JoinOptions, joinRoom, type Room } from '@skein/sdk'
import {
  type CheckOptions,
  type CheckReport,
  check,
  type DiagnoseOptions,
  diagnose,
  type Report,
} from '@skein/sdk/diagnose'
import { type Exchange, ExchangeRun, type Progress } from './exchange.ts'
import { HostWorker, type HostWorkerPlan, type HostWorkerReport, reportKey } from './host-worker.ts'
import {
  type Arrived,
  type ByteBreaks,
  receiveLarge,
  type Sending,
  sendLarge,
} from './large-transfer.ts'
import { type MessageLoad, SlowReader, SlowSender, sendFast } from './slow-reader.ts'
import { type TurnServerUse, totals, WatchedConnection } from './watched-connection.ts'

/** An event of the room. */
export type LabEvent =
  | {
      readonly type: 'hostchange'
      readonly host: string | null
      readonly term: number
      readonly reason: string | null
    }
  | { readonly type: 'peerjoin' | 'peerleave'; readonly peer: string }
  | { readonly type: 'statuschange'; readonly status: string }

/** The state of a tab, as its test sees it. */
export interface LabView {
  readonly self: string
  readonly epoch: number
  readonly term: number
  readonly host: string | null
  readonly status: string
  readonly peers: readonly string[]
  readonly openLinks: readonly string[]
  /** The paths of the open links, in the same order. */
  readonly paths: readonly (string | null)[]
  /** The TURN servers that connections were configured with, each credential once. */
  readonly turnServers: readonly TurnServerUse[]
  readonly connections: number
  readonly channelsClosed: number
  readonly events: readonly LabEvent[]
}

let room: Room | null = null
let largeArrived: (() => Promise<Arrived>) | null = null
let hostWorker: HostWorker | null = null
let slowReader: SlowReader | null = null
let slowSender: SlowSender | null = null
let exchange: ExchangeRun | null = null
const events: LabEvent[] = []
const received = new Map<string, number[]>()

const currentRoom = (): Room => {
  if (!room) throw new Error('no room: call join first')
  return room
}

const numbers = () => currentRoom().channel<number>('numbers')

function recordEvents(one: Room): void {
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
    recordEvents(room)
  },
  /** A page that was loaded anew is in none. */
  isInRoom: (): boolean => room !== null,
  leave: (): Promise<void> => currentRoom().leave(),
  view(): LabView {
    const { self, epoch, term, host, status, peers } = currentRoom()
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
      ...totals,
    }
  },
  /** Broadcasts the numbers from `first` up to but not including `end`, one after the other. */
  async sendNumbers({
    first,
    end,
  }: {
    readonly first: number
    readonly end: number
  }): Promise<void> {
    for (let number = first; number < end; number++) await numbers().send(number)
  },
  diagnose: (options: DiagnoseOptions): Promise<Report> => diagnose(currentRoom(), options),
  check: (options: CheckOptions): Promise<CheckReport> => check(options),
  received: (from: string): readonly number[] => received.get(from) ?? [],
  startExchange(plan: Exchange): void {
    exchange = new ExchangeRun(currentRoom(), plan)
  },
  progress: (): Progress | null => exchange?.progress ?? null,
  exchangedNumbers: (): readonly (readonly number[])[] => exchange?.numbers ?? [],
  resume: (): void => exchange?.resume(),
  receiveLarge(breaks: ByteBreaks): void {
    largeArrived = receiveLarge(currentRoom(), breaks)
  },
  largeArrived: (): Promise<Arrived> | undefined => largeArrived?.(),
  readSlowly(): void {
    slowReader = new SlowReader(currentRoom())
  },
  readOne: (): Promise<number> | undefined => slowReader?.readOne(),
  fastBytes: (): number => slowReader?.fastBytes ?? 0,
  startSlowSender(load: MessageLoad): void {
    slowSender = new SlowSender(currentRoom(), load)
  },
  slowSenderState: (): SlowSender['state'] | undefined => slowSender?.state,
  sendFast: (load: MessageLoad): Promise<number> => sendFast(currentRoom(), load),
  startHostWorker(plan: HostWorkerPlan): void {
    hostWorker = new HostWorker(currentRoom(), plan)
  },
  hostWorkerReport: (): HostWorkerReport | null => hostWorker?.report ?? null,
  /** The report of a closed tab of the same browser context. */
  closedTabReport(name: string): HostWorkerReport | null {
    return JSON.parse(localStorage.getItem(reportKey(name)) ?? 'null')
  },
  sendLarge: (sending: Sending): Promise<readonly string[]> => sendLarge(currentRoom(), sending),
}

export type Lab = typeof lab

declare global {
  interface Window {
    lab: Lab
  }
}

window.lab = lab
