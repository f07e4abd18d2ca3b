import type { Peer, Room } from '../lib/room.svelte.ts'
import type { RoomEvent } from './entries.ts'

export interface RoomNoticesOptions {
  readonly room: Room
  readonly signal: AbortSignal
  readonly nameOf: (peer: Peer) => string
  readonly add: (event: RoomEvent) => void
}

/** Shorter absences are not told: the server forgets nobody who is back so soon. */
const awayMs = 2_000

const leaveEvents = { left: 'left', timeout: 'lost', kicked: 'kicked' } as const

/** Tells what happens in a room, from now on. */
export function addRoomNotices({ room, signal, nameOf, add }: RoomNoticesOptions): void {
  const absences = new Map<Peer['id'], ReturnType<typeof setTimeout>>()
  const told = new Set<Peer['id']>()
  const endAbsence = (id: Peer['id']): boolean => {
    clearTimeout(absences.get(id))
    absences.delete(id)
    return told.delete(id)
  }
  const beginAbsence = (peer: Peer) => {
    clearTimeout(absences.get(peer.id))
    const tell = () => {
      told.add(peer.id)
      add({ type: 'member-away', name: nameOf(peer) })
    }
    absences.set(peer.id, setTimeout(tell, awayMs))
  }
  signal.addEventListener('abort', () => {
    for (const timer of absences.values()) clearTimeout(timer)
  })
  room.on('peerjoin', ({ peer }) => add({ type: 'joined', name: nameOf(peer) }), { signal })
  room.on(
    'peerleave',
    ({ peer, reason }) => {
      endAbsence(peer.id)
      add({ type: leaveEvents[reason], name: nameOf(peer) })
    },
    { signal },
  )
  room.on(
    'peerupdate',
    ({ peer, previous }) => {
      if (peer.id === room.self.id || peer.online === previous.online) return
      if (!peer.online) beginAbsence(peer)
      else if (endAbsence(peer.id)) add({ type: 'member-back', name: nameOf(peer) })
    },
    { signal },
  )
  room.on('hostchange', () => add(hostEvent(room, nameOf)), { signal })
  room.on(
    'statuschange',
    ({ status, previous }) => {
      if (status === 'degraded') add({ type: 'away' })
      if (status === 'connected' && previous === 'degraded') add({ type: 'back' })
    },
    { signal },
  )
}

function hostEvent(room: Room, nameOf: RoomNoticesOptions['nameOf']): RoomEvent {
  const peer = room.isHost ? room.self : room.host === null ? undefined : room.peers.get(room.host)
  return { type: 'host', name: peer === undefined ? null : nameOf(peer), isMe: room.isHost }
}
