import { type Finding, finding, type Rule, type LastKnownRoom } from './finding.ts'
import { type HeardMoment, heard, type Moment } from './timeline.ts'
import { isRoomMessage, type Misstep } from './view.ts'

const rules: Record<Misstep['type'], Rule> = {
  gap: 'a-gap-is-healed',
  back: 'revisions-in-order',
  incoherent: 'messages-fit-the-view',
}

/** Every frame is one that the protocol names. */
export function onlyTheProtocol(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  return witnesses.flatMap((lastKnownRoom) =>
    lastKnownRoom.moments.flatMap(({ entry }) =>
      entry.type === 'garbled'
        ? [finding('only-the-protocol', lastKnownRoom, { entry, text: entry.text })]
        : [],
    ),
  )
}

/** Nothing of a room comes to who was not welcomed to it. */
export function welcomeComesFirst(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  return witnesses.flatMap((lastKnownRoom) => {
    const welcomed = new Set<number>()
    return heard(lastKnownRoom.moments).flatMap(({ entry, message }) => {
      if (message.type === 'welcome') welcomed.add(entry.connection)
      const isOfRoom = isRoomMessage(message) || message.type === 'signal'
      if (!isOfRoom || welcomed.has(entry.connection)) return []
      const text = `a ${message.type} before the welcome`
      return [finding('welcome-comes-first', lastKnownRoom, { entry, text })]
    })
  })
}

/** Invariant 5: revisions are in order and fit; after a gap nothing is believed but a welcome. */
export function revisionsInOrder(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  return witnesses.flatMap((lastKnownRoom) =>
    heard(lastKnownRoom.moments).flatMap((moment) => {
      const { misstep, entry } = moment
      if (misstep === null) return []
      if (misstep.type === 'gap' && isHealed(lastKnownRoom.moments, moment)) return []
      return [finding(rules[misstep.type], lastKnownRoom, { entry, text: misstep.text })]
    }),
  )
}

/** Invariant 7: a connection that a newer one replaced hears no more of what is new in the room. */
export function oneConnectionAMember(witnesses: readonly LastKnownRoom[]): readonly Finding[] {
  return witnesses.flatMap((lastKnownRoom) => {
    let newest: HeardMoment | null = null
    return heard(lastKnownRoom.moments).flatMap((moment) => {
      if (moment.message.type === 'welcome' && moment.isLive) newest = moment
      if (newest === null || !isNewsBeside(newest, moment)) return []
      const text = `connection ${moment.entry.connection} hears what is newer than the welcome to ${newest.entry.connection}`
      return [finding('one-connection-a-member', lastKnownRoom, { entry: moment.entry, text })]
    })
  })
}

/** A welcome by the same connection, the end of it, or the end of the log comes next. */
function isHealed(moments: readonly Moment[], gap: HeardMoment): boolean {
  const next = moments
    .slice(moments.findIndex(({ entry }) => entry === gap.entry) + 1)
    .find(({ entry }) => entry.connection === gap.entry.connection && entry.type !== 'sent')
  if (next?.entry.type !== 'heard') return true
  return next.entry.message.type === 'welcome' || !next.isLive
}

function isNewsBeside(newest: HeardMoment, { entry, message, before }: HeardMoment): boolean {
  if (entry.connection >= newest.entry.connection || !isRoomMessage(message)) return false
  const known = newest.after
  return known !== null && before?.epoch === known.epoch && message.revision > known.revision
}
