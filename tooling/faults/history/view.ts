import type {
  Epoch,
  Member,
  PeerId,
  Result,
  RoomMessage,
  ServerMessage,
  Term,
  WelcomeMessage,
} from '@skein/protocol'

/** A room as a client knows it from its last welcome and the messages since. */
export interface View {
  readonly self: PeerId
  readonly epoch: Epoch
  readonly revision: number
  readonly term: Term
  readonly host: PeerId | null
  readonly members: ReadonlyMap<PeerId, Member>
}

/** Why a message cannot be applied to a view. */
export interface SequenceError {
  /** After a gap, the client must reconnect; the other errors must not occur. */
  readonly type: 'gap' | 'out-of-order' | 'inconsistent'
  readonly text: string
}

/** The view that a welcome gives. */
export function viewOf(welcome: WelcomeMessage): View {
  const { self, epoch, revision, term, host, peers } = welcome
  const members = new Map([self, ...peers].map((member) => [member.id, member]))
  return { self: self.id, epoch, revision, term, host, members }
}

/** Applies a message with a revision to a view. */
export function applyMessage(view: View, message: RoomMessage): Result<View, SequenceError> {
  const { revision } = message
  const text = `${message.type} ${revision} after revision ${view.revision}`
  if (revision > view.revision + 1) return { ok: false, error: { type: 'gap', text } }
  if (revision <= view.revision) return { ok: false, error: { type: 'out-of-order', text } }
  const problem = findInconsistency(view, message)
  if (problem !== null) return { ok: false, error: { type: 'inconsistent', text: problem } }
  return { ok: true, value: { ...updateView(view, message), revision } }
}

/** Whether it is one of the messages with a revision, which all members get. */
export function isRoomMessage(message: ServerMessage): message is RoomMessage {
  return message.type !== 'welcome' && 'revision' in message
}

function findInconsistency(view: View, message: RoomMessage): string | null {
  switch (message.type) {
    case 'peer-joined':
      return view.members.has(message.peer.id) ? `${message.peer.id} joined twice` : null
    case 'peer-updated':
      return view.members.has(message.peer.id)
        ? null
        : `${message.peer.id} was updated but is not a member`
    case 'peer-left':
      return view.members.has(message.id) ? null : `${message.id} left but is not a member`
    case 'host':
      return findHostInconsistency(view, message)
  }
}

function findHostInconsistency(
  view: View,
  { term, previous }: Extract<RoomMessage, { type: 'host' }>,
): string | null {
  if (term <= view.term) return `term ${term} after term ${view.term}`
  return previous === view.host ? null : `the previous host is ${view.host}, not ${previous}`
}

function updateView(view: View, message: RoomMessage): View {
  if (message.type === 'host') return { ...view, term: message.term, host: message.host }
  const members = new Map(view.members)
  if (message.type === 'peer-left') members.delete(message.id)
  else members.set(message.peer.id, message.peer)
  return { ...view, members }
}
