import type { ErrorCode, Millis, PeerId, ServerMessage } from '@skein/protocol'
import { type ConnectionLife, connectionLives, readBy } from './connections.ts'
import { arrivals, keyOf, type Sent, sentSignals } from './deliveries.ts'
import type { Replay } from './finding.ts'
import { receivedMoments } from './timeline.ts'

/** The outcomes of all signals. Each one counts in one of the fields below `sent`. */
export interface SignalTally {
  readonly sent: number
  readonly delivered: number
  /** Not delivered, and the sender got an error such as `peer-unreachable`. */
  readonly reported: number
  /** The sender's connection ended before the server had read them or could report an error. */
  readonly lostWithSender: number
  /** The receiver's connection ended, or was dead although the receiver still used it. */
  readonly lostWithReceiver: number
  /** Lost without an error between two live connections: PROTOCOL.md allows none. */
  readonly unexplained: readonly string[]
}

/** Finds out what happened to each signal. */
export function tallySignals(replays: readonly Replay[]): SignalTally {
  const evidence = collectEvidence(replays)
  const sent = replays.flatMap(sentSignals)
  const outcomes = Map.groupBy(sent, (signal) => outcomeOf(signal, evidence))
  const count = (outcome: Outcome): number => outcomes.get(outcome)?.length ?? 0
  // An error does not name its signal, so errors are counted where they explain the most.
  const missing = subtractErrors(outcomes.get('missing') ?? [], evidence)
  const withReceiver = subtractErrors(outcomes.get('lost-with-receiver') ?? [], evidence)
  return {
    sent: sent.length,
    delivered: count('delivered'),
    reported: missing.reported + withReceiver.reported,
    lostWithSender: count('lost-with-sender'),
    lostWithReceiver: withReceiver.remaining.length,
    unexplained: missing.remaining.map(describe),
  }
}

type Outcome = 'delivered' | 'lost-with-sender' | 'lost-with-receiver' | 'missing'

/** How long a server may try to relay a signal to another node before it must report an error. */
const relayMs: Millis = 5_000
/** How outdated another node's view of the room may be. */
const lagMs: Millis = 2_000
const undeliverable: ReadonlySet<ErrorCode> = new Set([
  'peer-unreachable',
  'peer-not-found',
  'not-joined',
  'rate-limited',
  'overloaded',
])

interface Evidence {
  readonly arrived: ReadonlySet<string>
  readonly lives: ReadonlyMap<string, ReadonlyMap<number, ConnectionLife>>
  readonly owners: ReadonlyMap<PeerId, string>
  /** The number of errors about signals that each connection received. */
  readonly errors: Map<string, number>
}

function collectEvidence(replays: readonly Replay[]): Evidence {
  return {
    arrived: arrivals(replays),
    lives: new Map(replays.map((replay) => [replay.name, connectionLives(replay)])),
    owners: new Map(replays.flatMap(idsOf)),
    errors: countSignalErrors(replays),
  }
}

function idsOf({ name, moments }: Replay): readonly (readonly [PeerId, string])[] {
  return receivedMoments(moments).flatMap(({ message }) =>
    message.type === 'welcome' ? [[message.self.id, name] as const] : [],
  )
}

function countSignalErrors(replays: readonly Replay[]): Map<string, number> {
  const connections = replays.flatMap((replay) =>
    receivedMoments(replay.moments)
      .filter(({ message }) => isSignalError(message))
      .map(({ entry }) => connectionName(replay, entry.connection)),
  )
  const byConnection = Map.groupBy(connections, (connection) => connection)
  return new Map([...byConnection].map(([connection, all]) => [connection, all.length]))
}

function isSignalError(message: ServerMessage): boolean {
  return message.type === 'error' && message.about === 'signal' && undeliverable.has(message.code)
}

function outcomeOf(signal: Sent, evidence: Evidence): Outcome {
  if (evidence.arrived.has(keyOf(signal))) return 'delivered'
  const { replay, entry } = signal
  const connection = evidence.lives.get(replay.name)?.get(entry.connection)
  if (connection === undefined) return 'lost-with-sender'
  const isErrorDue = connection.endedAt >= readBy(connection, entry.at) + relayMs
  if (connection.endedAt < Infinity && !isErrorDue) return 'lost-with-sender'
  const receiver = evidence.lives.get(evidence.owners.get(signal.to) ?? '')
  return hasReceiverDisconnected(receiver, entry.at) ? 'lost-with-receiver' : 'missing'
}

function hasReceiverDisconnected(
  lives: ReadonlyMap<number, ConnectionLife> | undefined,
  at: Millis,
): boolean {
  const all = [...(lives?.values() ?? [])]
  const current = all.find(({ welcomedAt, endedAt }) => welcomedAt <= at && at < endedAt)
  if (current === undefined || current.endedAt < at + relayMs) return true
  const isSilent = current.endedAt < Infinity && current.lastReceivedAt < at + relayMs
  const isNew = current !== all[0] && current.welcomedAt > at - lagMs
  return isSilent || isNew
}

/** Removes as many signals of each connection as it received errors. */
function subtractErrors(
  signals: readonly Sent[],
  { errors }: Evidence,
): { readonly reported: number; readonly remaining: readonly Sent[] } {
  const remaining = signals.filter(({ replay, entry }) => {
    const connection = connectionName(replay, entry.connection)
    const count = errors.get(connection) ?? 0
    errors.set(connection, Math.max(0, count - 1))
    return count === 0
  })
  return { reported: signals.length - remaining.length, remaining }
}

function describe({ replay, entry, to, serial }: Sent): string {
  return `${serial} of ${connectionName(replay, entry.connection)} to ${to} at ${entry.at.toFixed(1)}`
}

function connectionName({ name }: Replay, connection: number): string {
  return `${name}/${connection}`
}
