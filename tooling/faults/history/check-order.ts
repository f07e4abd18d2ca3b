import { type Finding, finding, type Replay, type Rule } from './finding.ts'
import { type Moment, type ReceivedMoment, receivedMoments } from './timeline.ts'
import { isRoomMessage, type SequenceError } from './view.ts'

const rules: Record<SequenceError['type'], Rule> = {
  gap: 'gap-is-resynced',
  'out-of-order': 'revisions-in-order',
  inconsistent: 'messages-match-the-view',
}

/** Every frame from the server is a valid message. */
export function checkValidFrames(replays: readonly Replay[]): readonly Finding[] {
  return replays.flatMap((replay) =>
    replay.moments.flatMap(({ entry }) =>
      entry.type === 'invalid-frame'
        ? [finding('valid-frames-only', replay, { entry, text: entry.text })]
        : [],
    ),
  )
}

/** The welcome is the first message of a room on each connection. */
export function checkWelcomeFirst(replays: readonly Replay[]): readonly Finding[] {
  return replays.flatMap((replay) => {
    const welcomed = new Set<number>()
    return receivedMoments(replay.moments).flatMap(({ entry, message }) => {
      if (message.type === 'welcome') welcomed.add(entry.connection)
      const needsWelcome = isRoomMessage(message) || message.type === 'signal'
      if (!needsWelcome || welcomed.has(entry.connection)) return []
      const text = `a ${message.type} before the welcome`
      return [finding('welcome-comes-first', replay, { entry, text })]
    })
  })
}

/** Invariant 5: revisions are in order, match the view, and a gap is resynced. */
export function checkRevisions(replays: readonly Replay[]): readonly Finding[] {
  return replays.flatMap((replay) =>
    receivedMoments(replay.moments).flatMap((moment) => {
      const { sequenceError, entry } = moment
      if (sequenceError === null) return []
      if (sequenceError.type === 'gap' && isResynced(replay.moments, moment)) return []
      return [finding(rules[sequenceError.type], replay, { entry, text: sequenceError.text })]
    }),
  )
}

/** Invariant 7: a replaced connection gets no messages newer than the welcome that replaced it. */
export function checkReplacedConnections(replays: readonly Replay[]): readonly Finding[] {
  return replays.flatMap((replay) => {
    let newest: ReceivedMoment | null = null
    return receivedMoments(replay.moments).flatMap((moment) => {
      if (moment.message.type === 'welcome' && moment.isCurrent) newest = moment
      if (newest === null || !isNewerOnOldConnection(newest, moment)) return []
      const text = `connection ${moment.entry.connection} got a message newer than the welcome on ${newest.entry.connection}`
      return [finding('one-connection-per-member', replay, { entry: moment.entry, text })]
    })
  })
}

/** Whether a gap is followed by a welcome, or by the end of the connection or of the log. */
function isResynced(moments: readonly Moment[], gap: ReceivedMoment): boolean {
  const next = moments
    .slice(moments.findIndex(({ entry }) => entry === gap.entry) + 1)
    .find(({ entry }) => entry.connection === gap.entry.connection && entry.type !== 'sent')
  if (next?.entry.type !== 'received') return true
  return next.entry.message.type === 'welcome' || !next.isCurrent
}

function isNewerOnOldConnection(
  newest: ReceivedMoment,
  { entry, message, before }: ReceivedMoment,
): boolean {
  if (entry.connection >= newest.entry.connection || !isRoomMessage(message)) return false
  const known = newest.after
  return known !== null && before?.epoch === known.epoch && message.revision > known.revision
}
