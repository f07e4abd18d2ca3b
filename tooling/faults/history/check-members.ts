import type { Member, PeerId } from '@skein/protocol'
import { type Finding, finding, type Replay } from './finding.ts'
import { finalView, type Moment, receivedMoments } from './timeline.ts'
import type { View } from './view.ts'

/** Invariant 5 at the end of the logs: the views of all clients in a room are equal. */
export function checkViewsAgree(replays: readonly Replay[]): readonly Finding[] {
  return groupByRoom(replays).flatMap((connected) => {
    const [first] = connected
    return connected.flatMap(({ replay, view }) => {
      if (first === undefined || viewText(view) === viewText(first.view)) return []
      const text = `${viewText(view)}, but ${first.replay.name} has ${viewText(first.view)}`
      return [finding('views-agree', replay, { entry: replay.moments.at(-1)?.entry, text })]
    })
  })
}

/** At the end of the logs, the online members of a room are exactly its connected clients. */
export function checkOnlineMembers(replays: readonly Replay[]): readonly Finding[] {
  return groupByRoom(replays).flatMap((connected) => {
    const selves = new Set(connected.map(({ view }) => view.self))
    return connected.flatMap(({ replay, view }) => {
      const online = [...view.members.values()].filter((member) => member.online)
      const extra = online.filter(({ id }) => !selves.has(id)).map(({ id }) => id)
      const missing = [...selves].filter((id) => view.members.get(id)?.online !== true)
      if (extra.length + missing.length === 0) return []
      const text = `online without a client: ${extra.join() || 'none'}; not online: ${missing.join() || 'none'}`
      return [
        finding('online-members-are-connected', replay, {
          entry: replay.moments.at(-1)?.entry,
          text,
        }),
      ]
    })
  })
}

/** Invariant 4: a resume keeps id and join order. */
export function checkResumes(replays: readonly Replay[]): readonly Finding[] {
  return replays.flatMap((replay) => {
    let known: Member | null = null
    return receivedMoments(replay.moments).flatMap(({ entry, message }) => {
      if (message.type !== 'welcome') return []
      const before = known
      known = message.self
      if (!message.resumed || before === null || isSameMember(before, message.self)) return []
      const text = `${before.id} (${before.joinOrder}) resumed as ${known.id} (${known.joinOrder})`
      return [finding('resume-keeps-the-member', replay, { entry, text })]
    })
  })
}

/** A join without a resume gets an id that no client has had before. */
export function checkIds(replays: readonly Replay[]): readonly Finding[] {
  const owners = new Map<PeerId, string>()
  return replays.flatMap((replay) =>
    freshIds(replay.moments).flatMap(({ id, entry }) => {
      const owner = owners.get(id)
      owners.set(id, replay.name)
      if (owner === undefined) return []
      const text = `${id} already belonged to ${owner}`
      return [finding('ids-are-never-reused', replay, { entry, text })]
    }),
  )
}

interface ConnectedClient {
  readonly replay: Replay
  readonly view: View
}

/** The clients that are in their room at the end of the logs, by room. */
function groupByRoom(replays: readonly Replay[]): readonly (readonly ConnectedClient[])[] {
  const connected = replays.flatMap((replay) => {
    const view = finalView(replay.moments)
    return view === null ? [] : [{ replay, view }]
  })
  return [...Map.groupBy(connected, ({ replay }) => replay.room).values()]
}

/** A view as text, without its owner. */
function viewText({ self: _, members, ...rest }: View): string {
  const inOrder = [...members.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1))
  const listed = inOrder.map(({ id, joinOrder, presence, canHost, priority, online }) => [
    ...[id, joinOrder, presence, canHost, priority, online],
  ])
  return JSON.stringify({ ...rest, members: listed })
}

function isSameMember(one: Member, other: Member): boolean {
  return one.id === other.id && one.joinOrder === other.joinOrder
}

function freshIds(moments: readonly Moment[]): readonly { id: PeerId; entry: Moment['entry'] }[] {
  const welcomed = new Set<number>()
  return receivedMoments(moments).flatMap(({ entry, message }) => {
    if (message.type !== 'welcome') return []
    // A second welcome on the same connection gives no new id.
    const isAgain = welcomed.has(entry.connection)
    welcomed.add(entry.connection)
    return isAgain || message.resumed ? [] : [{ id: message.self.id, entry }]
  })
}
