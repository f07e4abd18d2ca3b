import type { Member, PeerId } from '@skein/protocol'
import { type Finding, finding, type LastKnownRoom } from './finding.ts'
import { finalView, heard, type Moment } from './timeline.ts'
import type { View } from './view.ts'

/** Invariant 5 at the end: all who are in a room know the same of it. */
export function viewsAgree(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  return inRooms(witnesses).flatMap((present) => {
    const [first] = present
    return present.flatMap(({ lastKnownRoom, view }) => {
      if (first === undefined || shown(view) === shown(first.view)) return []
      const text = `${shown(view)}, but ${first.lastKnownRoom.name} knows ${shown(first.view)}`
      return [finding('views-agree', lastKnownRoom, { entry: lastKnownRoom.moments.at(-1)?.entry, text })]
    })
  })
}

/** Who is online at the end is one of the clients that are, and each of them is there once. */
export function noGhosts(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  return inRooms(witnesses).flatMap((present) => {
    const selves = new Set(present.map(({ view }) => view.self))
    return present.flatMap(({ lastKnownRoom, view }) => {
      const online = [...view.members.values()].filter((member) => member.online)
      const ghosts = online.filter(({ id }) => !selves.has(id)).map(({ id }) => id)
      const missing = [...selves].filter((id) => view.members.get(id)?.online !== true)
      if (ghosts.length + missing.length === 0) return []
      const text = `ghosts: ${ghosts.join() || 'none'}; not online: ${missing.join() || 'none'}`
      return [finding('no-ghosts', lastKnownRoom, { entry: lastKnownRoom.moments.at(-1)?.entry, text })]
    })
  })
}

/** Invariant 4: who resumes is who it was. */
export function aResumeKeepsTheMember(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  return witnesses.flatMap((lastKnownRoom) => {
    let known: Member | null = null
    return heard(lastKnownRoom.moments).flatMap(({ entry, message }) => {
      if (message.type !== 'welcome') return []
      const before = known
      known = message.self
      if (!message.resumed || before === null || isSame(before, message.self)) return []
      const text = `${before.id} (${before.joinOrder}) resumed as ${known.id} (${known.joinOrder})`
      return [finding('a-resume-keeps-the-member', lastKnownRoom, { entry, text })]
    })
  })
}

/** An id names one client, and a join that is no resume gets one that nobody had. */
export function idsAreNeverReused(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  const owners = new Map<PeerId, string>()
  return witnesses.flatMap((lastKnownRoom) =>
    freshIds(lastKnownRoom.moments).flatMap(({ id, entry }) => {
      const owner = owners.get(id)
      owners.set(id, lastKnownRoom.name)
      if (owner === undefined) return []
      const text = `${id} was given to ${owner} before`
      return [finding('ids-are-never-reused', lastKnownRoom, { entry, text })]
    }),
  )
}

interface Present {
  readonly lastKnownRoom: LastKnownRoom
  readonly view: View
}

/** Those who are in their room when the logs end, room by room. */
function inRooms(witnesses: readonly LastKnownRoom[]): readonly (readonly Present[])[] {
  const present = witnesses.flatMap((lastKnownRoom) => {
    const view = finalView(lastKnownRoom.moments)
    return view === null ? [] : [{ lastKnownRoom, view }]
  })
  return [...Map.groupBy(present, ({ lastKnownRoom }) => lastKnownRoom.room).values()]
}

/** All but whose view it is. */
function shown({ self: _, members, ...rest }: View): string {
  const inOrder = [...members.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1))
  const listed = inOrder.map(({ id, joinOrder, presence, canHost, priority, online }) => [
    ...[id, joinOrder, presence, canHost, priority, online],
  ])
  return JSON.stringify({ ...rest, members: listed })
}

function isSame(one: Member, other: Member): boolean {
  return one.id === other.id && one.joinOrder === other.joinOrder
}

function freshIds(moments: readonly Moment[]): readonly { id: PeerId; entry: Moment['entry'] }[] {
  const welcomed = new Set<number>()
  return heard(moments).flatMap(({ entry, message }) => {
    if (message.type !== 'welcome') return []
    // A server may welcome again whom it has welcomed: that gives no new id.
    const isAgain = welcomed.has(entry.connection)
    welcomed.add(entry.connection)
    return isAgain || message.resumed ? [] : [{ id: message.self.id, entry }]
  })
}
