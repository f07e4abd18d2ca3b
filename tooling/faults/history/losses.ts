import type { ErrorCode, Millis, PeerId, ServerMessage } from '@skein/protocol'
import { type ConnectionLife, connectionLives, readBy } from './connections.ts'
import { arrivals, keyOf, type Sent, sentSignals } from './deliveries.ts'
import type { LastKnownRoom } from './finding.ts'
import { heard } from './timeline.ts'

/** What became of the signals; each is in one of the rows from `delivered` on. */
export interface SignalTally {
  readonly sent: number
  readonly delivered: number
  /** Not delivered, and the sender was told: `peer-unreachable` and the like. */
  readonly told: number
  /** The connection they were sent by ended before the server had read or answered them. */
  readonly lostWithSender: number
  /** The connection that their receiver had, or thought it had, ended. */
  readonly lostWithReceiver: number
  /** Gone without a word between two connections that lived: PROTOCOL.md permits none. */
  readonly unexplained: readonly string[]
}

export function tallySignals(witnesses: readonly LastKnownRoom[]): SignalTally {
  const ledger = openLedger(witnesses)
  const sent = witnesses.flatMap(sentSignals)
  const fates = Map.groupBy(sent, (signal) => fateOf(signal, ledger))
  const count = (fate: Fate): number => fates.get(fate)?.length ?? 0
  // Which signal an error is about is not said: it counts where it explains most.
  const silent = settle(fates.get('silent') ?? [], ledger)
  const withReceiver = settle(fates.get('lost-with-receiver') ?? [], ledger)
  return {
    sent: sent.length,
    delivered: count('delivered'),
    told: silent.told + withReceiver.told,
    lostWithSender: count('lost-with-sender'),
    lostWithReceiver: withReceiver.left.length,
    unexplained: silent.left.map(described),
  }
}

type Fate = 'delivered' | 'lost-with-sender' | 'lost-with-receiver' | 'silent'

/** How long a server may try to bring a signal to another node; then it has to say that it failed. */
const relayMs: Millis = 5_000
/** How old another node's picture of the room may be. */
const lagMs: Millis = 2_000
const undeliverable: ReadonlySet<ErrorCode> = new Set([
  'peer-unreachable',
  'peer-not-found',
  'not-joined',
  'rate-limited',
  'overloaded',
])

interface Ledger {
  readonly arrived: ReadonlySet<string>
  readonly lives: ReadonlyMap<string, ReadonlyMap<number, ConnectionLife>>
  readonly owners: ReadonlyMap<PeerId, string>
  /** How often each connection of each client was told that a signal went nowhere. */
  readonly told: Map<string, number>
}

function openLedger(witnesses: readonly LastKnownRoom[]): Ledger {
  return {
    arrived: arrivals(witnesses),
    lives: new Map(witnesses.map((lastKnownRoom) => [lastKnownRoom.name, connectionLives(lastKnownRoom)])),
    owners: new Map(witnesses.flatMap(idsOf)),
    told: countTold(witnesses),
  }
}

function idsOf({ name, moments }: LastKnownRoom): readonly (readonly [PeerId, string])[] {
  return heard(moments).flatMap(({ message }) =>
    message.type === 'welcome' ? [[message.self.id, name] as const] : [],
  )
}

function countTold(witnesses: readonly LastKnownRoom[]): Map<string, number> {
  const lines = witnesses.flatMap((lastKnownRoom) =>
    heard(lastKnownRoom.moments)
      .filter(({ message }) => isRefusal(message))
      .map(({ entry }) => lineOf(lastKnownRoom, entry.connection)),
  )
  const byLine = Map.groupBy(lines, (line) => line)
  return new Map([...byLine].map(([line, all]) => [line, all.length]))
}

function isRefusal(message: ServerMessage): boolean {
  return message.type === 'error' && message.about === 'signal' && undeliverable.has(message.code)
}

function fateOf(signal: Sent, ledger: Ledger): Fate {
  if (ledger.arrived.has(keyOf(signal))) return 'delivered'
  const { lastKnownRoom, entry } = signal
  const line = ledger.lives.get(lastKnownRoom.name)?.get(entry.connection)
  if (line === undefined) return 'lost-with-sender'
  const isAnswerDue = line.endedAt >= readBy(line, entry.at) + relayMs
  if (line.endedAt < Infinity && !isAnswerDue) return 'lost-with-sender'
  const receiver = ledger.lives.get(ledger.owners.get(signal.to) ?? '')
  return isReceiverBroken(receiver, entry.at) ? 'lost-with-receiver' : 'silent'
}

function isReceiverBroken(
  lives: ReadonlyMap<number, ConnectionLife> | undefined,
  at: Millis,
): boolean {
  const all = [...(lives?.values() ?? [])]
  const live = all.find(({ welcomedAt, endedAt }) => welcomedAt <= at && at < endedAt)
  if (live === undefined || live.endedAt < at + relayMs) return true
  const isFrozen = live.endedAt < Infinity && live.lastHeardAt < at + relayMs
  const isNew = live !== all[0] && live.welcomedAt > at - lagMs
  return isFrozen || isNew
}

/** Takes what was told off the signals that have no other explanation. */
function settle(
  signals: readonly Sent[],
  { told }: Ledger,
): { readonly told: number; readonly left: readonly Sent[] } {
  const left = signals.filter(({ lastKnownRoom, entry }) => {
    const line = lineOf(lastKnownRoom, entry.connection)
    const errors = told.get(line) ?? 0
    told.set(line, Math.max(0, errors - 1))
    return errors === 0
  })
  return { told: signals.length - left.length, left }
}

function described({ lastKnownRoom, entry, to, serial }: Sent): string {
  return `${serial} of ${lineOf(lastKnownRoom, entry.connection)} to ${to} at ${entry.at.toFixed(1)}`
}

function lineOf({ name }: LastKnownRoom, connection: number): string {
  return `${name}/${connection}`
}
