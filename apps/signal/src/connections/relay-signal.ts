import { type ClientSignalMessage, type ErrorCode, encode, type PeerId } from '@skein/protocol'
import { route } from '@skein/protocol/room'
import { checkFrame } from '../backbone/bus/bus.ts'
import { spliceSignal } from '../wire/splice-signal.ts'
import { textFrame } from '../wire/text-frame.ts'
import type { ConnectionContext } from './connection-context.ts'
import type { SignalSender } from './connection-state.ts'

/** A frame as received: its bytes, its text, and the decoded message. */
export interface SignalFrame {
  readonly bytes: Buffer
  readonly text: string
  readonly message: ClientSignalMessage
}

/**
 * Relays a signal by the node's own copy of the room: nine of ten messages are signals, and they
 * never change the room. Returns why the signal was not delivered, or `null`.
 */
export const relaySignal = (
  context: ConnectionContext,
  { sender, frame }: { readonly sender: SignalSender; readonly frame: SignalFrame },
): ErrorCode | null | Promise<ErrorCode | null> => {
  if (!context.nodes.isAwake) return unreachable
  const room = context.rooms.snapshot(sender.room)
  if (room === null) return 'not-joined'
  const { to, data } = frame.message
  const decision = route(room, { connection: sender.connection, from: sender.self, to })
  if (decision.type === 'error') return decision.code
  const relayed =
    spliceSignal({ bytes: frame.bytes, text: frame.text, to, from: sender.self }) ??
    textFrame(encode({ type: 'signal', from: sender.self, data }))
  const isDelivered = context.bus.signal(decision.to, relayed, sender.connection)
  if (typeof isDelivered === 'boolean') return errorFor(isDelivered)
  return isDelivered.then(errorFor, () => unreachable)
}

/** Asks the node that holds the host's connection to check at once whether the host is alive. */
export const checkHost = (
  { rooms, bus }: ConnectionContext,
  { room, connection }: SignalSender,
  host: PeerId,
): void => {
  const snapshot = rooms.snapshot(room)
  const member = snapshot?.members.find(({ id }) => id === host)
  if (snapshot?.host !== host || !member?.connection) return
  void bus.signal(member.connection, checkFrame, connection)
}

const unreachable = 'peer-unreachable'
const errorFor = (isDelivered: boolean): ErrorCode | null => (isDelivered ? null : unreachable)
