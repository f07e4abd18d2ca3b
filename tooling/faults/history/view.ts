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

/** A room as a client knows it, from its last welcome and what it heard since. */
export interface View {
  readonly self: PeerId
  readonly epoch: Epoch
  readonly revision: number
  readonly term: Term
  readonly host: PeerId | null
  readonly members: ReadonlyMap<PeerId, Member>
}

/** Why a message cannot follow on a view. */
export interface Misstep {
  /** A gap is to be healed by coming back; nothing else may happen. */
  readonly type: 'gap' | 'back' | 'incoherent'
  readonly text: string
}

export function viewOf(welcome: WelcomeMessage): View {
  const { self, epoch, revision, term, host, peers } = welcome
  const members = new Map([self, ...peers].map((member) => [member.id, member]))
  return { self: self.id, epoch, revision, term, host, members }
}

/** The view after a message of the room. */
export function follow(view: View, message: RoomMessage): Result<View, Misstep> {
  const { revision } = message
  const text = `${message.type} ${revision} after revision ${view.revision}`
  if (revision > view.revision + 1) return { ok: false, error: { type: 'gap', text } }
  if (revision <= view.revision) return { ok: false, error: { type: 'back', text } }
  const wrong = incoherence(view, message)
  if (wrong !== null) return { ok: false, error: { type: 'incoherent', text: wrong } }
  return { ok: true, value: { ...changed(view, message), revision } }
}

/** Is it one of the messages that all members get, counted by revisions? */
export function isRoomMessage(message: ServerMessage): message is RoomMessage {
  return message.type !== 'welcome' && 'revision' in message
}

function incoherence(view: View, message: RoomMessage): string | null {
  switch (message.type) {
    case 'peer-joined':
      return view.members.has(message.peer.id) ? `${message.peer.id} joined twice` : null
    case 'peer-updated':
      return view.members.has(message.peer.id) ? null : `${message.peer.id} updated, is no member`
    case 'peer-left':
      return view.members.has(message.id) ? null : `${message.id} left, is no member`
    case 'host':
      return hostIncoherence(view, message)
  }
}

function hostIncoherence(
  view: View,
  { term, previous }: Extract<RoomMessage, { type: 'host' }>,
): string | null {
  if (term <= view.term) return `term ${term} after term ${view.term}`
  return previous === view.host ? null : `${previous} was host before, not ${view.host}`
}

function changed(view: View, message: RoomMessage): View {
  if (message.type === 'host') return { ...view, term: message.term, host: message.host }
  const members = new Map(view.members)
  if (message.type === 'peer-left') members.delete(message.id)
  else members.set(message.peer.id, message.peer)
  return { ...view, members }
}
