import {
  type ClientSignalMessage,
  type ConnectionId,
  type ErrorCode,
  encode,
  type PeerId,
} from '@skein/protocol'
import { route } from '@skein/protocol/room'
import { spliceSignal } from '../wire/splice-signal.ts'
import { textFrame } from '../wire/text-frame.ts'
import type { Shell } from './connection-context.ts'

/** Who sends a signal. */
export interface SignalSender {
  readonly connection: ConnectionId
  readonly room: string
  readonly self: PeerId
}

/** A frame as it came: its bytes, the same as text, and as the codec read it. */
export interface SignalFrame {
  readonly bytes: Buffer
  readonly text: string
  readonly message: ClientSignalMessage
}

/**
 * Hands a signal on, by the node's own copy of the room: nine of ten messages are signals, and none
 * of them changes anything. The answer is why it was not, or `null`.
 */
export const relaySignal = (
  shell: Shell,
  { sender, frame }: { readonly sender: SignalSender; readonly frame: SignalFrame },
): ErrorCode | null | Promise<ErrorCode | null> => {
  if (!shell.nodes.isAwake) return unreachable
  const room = shell.rooms.snapshot(sender.room)
  if (room === null) return 'not-joined'
  const { to, data } = frame.message
  const verdict = route(room, { connection: sender.connection, from: sender.self, to })
  if (verdict.type === 'error') return verdict.code
  const relayed =
    spliceSignal({ bytes: frame.bytes, text: frame.text, to, from: sender.self }) ??
    textFrame(encode({ type: 'signal', from: sender.self, data }))
  const isTaken = shell.bus.signal(verdict.to, relayed, sender.connection)
  if (typeof isTaken === 'boolean') return outcome(isTaken)
  return isTaken.then(outcome, () => unreachable)
}

const unreachable = 'peer-unreachable'
const outcome = (isTaken: boolean): ErrorCode | null => (isTaken ? null : unreachable)
