import type { Identity, MemberEvent, MemberLog } from '../../page/member-log.ts'
import { type FaultTimes, measureSide, type SideFigures } from '../measure/measure-link.ts'
import type { Label } from './label.ts'

/** What one side of one link of a room went through. */
export interface SideResult extends SideFigures {
  /** `A→B`: what A saw of B. */
  readonly side: string
}

/** A fault in one room: times of the worse side of the worst link, counts of all sides together. */
export interface TrialResult extends Label, Omit<SideFigures, 'states'> {
  readonly type: 'fault'
  readonly outageMs: number | null
  /** How many messages `undelivered` named: lost ones should be among them. */
  readonly undelivered: number
  /** How many connections all members made since the fault. */
  readonly connections: number
  /** The cores that A's browser kept busy for one room. */
  readonly cpu: number
  /** What the first survivor saw of a member that ended. */
  readonly gone: GoneFigures | null
  readonly kept: { readonly ids: boolean; readonly host: boolean; readonly term: boolean }
  readonly sides: readonly SideResult[]
  /** What happened in the room since the fault, by member: `B: offline A@0.1`. */
  readonly events: readonly string[]
  /** Why the trial could not be done. */
  readonly error: string | null
}

/** From the end of a member until another saw it. `null`: never. */
export interface GoneFigures {
  /** The link was no longer `open`. */
  readonly notOpenMs: number | null
  /** The server said that the member is offline. */
  readonly offlineMs: number | null
  /** The member left the room. */
  readonly leftMs: number | null
}

/** What was seen of a member, before and after the fault. */
export interface MemberRecord {
  readonly name: string
  readonly before: Identity
  readonly after: Identity
  readonly log: MemberLog
}

export interface TrialRecord {
  readonly members: readonly MemberRecord[]
  /** The pairs of names whose links count. */
  readonly links: readonly (readonly [string, string])[]
  readonly times: FaultTimes
  readonly cpu: number
}

export function toResult(label: Label, { members, links, times, cpu }: TrialRecord): TrialResult {
  const sides = links
    .flatMap(([one, other]) => [
      [one, other],
      [other, one],
    ])
    .flatMap(([own = '', peer = '']) => sideOf(members, { own, peer, times }))
  const sum = (count: (one: SideResult) => number) =>
    sides.reduce((total, one) => total + count(one), 0)
  const { faultAt, backAt } = times
  return {
    type: 'fault',
    ...label,
    outageMs: backAt === null ? null : backAt - faultAt,
    healMs: worst(sides.map((one) => one.healMs)),
    healAfterServerMs: worst(sides.map((one) => one.healAfterServerMs)),
    silenceMs: Math.max(0, ...sides.map((one) => one.silenceMs)),
    openInSilenceMs: Math.max(0, ...sides.map((one) => one.openInSilenceMs)),
    wrongPathMs: Math.max(0, ...sides.map((one) => one.wrongPathMs)),
    lost: sum((one) => one.lost),
    undelivered: members.reduce((all, { log }) => all + countUndelivered(log, faultAt), 0),
    doubled: sum((one) => one.doubled),
    disordered: sum((one) => one.disordered),
    refused: sum((one) => one.refused),
    connections: members.reduce((total, { log }) => total + countSince(log, faultAt), 0),
    cpu,
    gone: goneFigures(members, links[0], faultAt),
    kept: {
      ids: members.every(({ before, after }) => before.id === after.id),
      host: members.every(({ before, after }) => before.host === after.host),
      term: members.every(({ before, after }) => before.term === after.term),
    },
    sides,
    events: members.flatMap(({ name, log }) => describeEvents(name, log.events, faultAt)),
    error: null,
  }
}

export const failedTrial = (label: Label, error: unknown): TrialResult => ({
  ...toResult(label, {
    members: [],
    links: [],
    times: { faultAt: 0, backAt: null, serverBackAt: null, endAt: 0 },
    cpu: 0,
  }),
  error: String(error),
})

function goneFigures(
  members: readonly MemberRecord[],
  pair: readonly [string, string] | undefined,
  faultAt: number,
): GoneFigures | null {
  const survivor = members.find(({ name }) => pair?.includes(name))
  const gone = pair?.find((name) => members.every((one) => one.name !== name))
  if (!survivor || gone === undefined) return null
  const { links, events } = survivor.log
  const since = (at: number | undefined): number | null => (at === undefined ? null : at - faultAt)
  const eventAt = (type: string) =>
    events.find(
      ([at, one, who]) => at >= faultAt && one === type && who.split(' ')[0] === gone,
    )?.[0]
  const states = links[gone]?.states ?? []
  return {
    notOpenMs: since(states.find(([at, state]) => at >= faultAt && state !== 'open')?.[0]),
    offlineMs: since(eventAt('offline')),
    leftMs: since(eventAt('peerleave')),
  }
}

interface SideOptions {
  readonly own: string
  readonly peer: string
  readonly times: FaultTimes
}

function sideOf(
  members: readonly MemberRecord[],
  { own, peer, times }: SideOptions,
): readonly SideResult[] {
  const ownLog = members.find(({ name }) => name === own)?.log.links[peer]
  const peerLog = members.find(({ name }) => name === peer)?.log.links[own]
  if (!ownLog) return []
  const logs = { own: ownLog, peer: peerLog ?? silent }
  return [{ side: `${own}→${peer}`, ...measureSide(logs, times) }]
}

/** The log of a member that is gone: it accepted nothing that could be lost. */
const silent = { received: [], sent: 0, refused: [], pending: [], states: [], paths: [] } as const

const worst = (all: readonly (number | null)[]): number | null =>
  all.length === 0
    ? null
    : all.reduce((one, other) => (one === null || other === null ? null : Math.max(one, other)))

const countSince = ({ connections }: MemberLog, since: number): number =>
  connections.filter((at) => at >= since).length

const countUndelivered = ({ events }: MemberLog, since: number): number =>
  events
    .filter(([at, type]) => at >= since && type === 'undelivered')
    .reduce((sum, [, , detail]) => sum + Number(detail.split(' ')[1]), 0)

const describeEvents = (name: string, events: readonly MemberEvent[], since: number) =>
  events
    .filter(([at]) => at >= since)
    .map(([at, type, detail]) => `${name}: ${type} ${detail}@${((at - since) / 1_000).toFixed(1)}`)
