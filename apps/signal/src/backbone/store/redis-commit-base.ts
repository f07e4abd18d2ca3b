import type { Epoch, Millis } from '@skein/protocol'
import type { Room } from '@skein/protocol/room'
import { readRoom } from './room-document.ts'
import type { RoomVersion } from './store.ts'

/** What was found in the store in place of what was thought to be there. */
export interface StoredState {
  /** Which store answered, and when by its clock. */
  readonly identity: string
  readonly now: Millis
  readonly version: number
  /** In which store it was written; empty when nothing was. */
  readonly store: string
  /** The highest that was given out for this room. */
  readonly epoch: Epoch
  readonly room: Room | null
  /** Something is there that nobody can read. */
  readonly isBroken: boolean
}

/** What a change of a room starts from. */
export interface CommitBase {
  readonly room: Room | null
  readonly version: number
  readonly nextVersion: number
  readonly epochFloor: Epoch
  /** A moment that is past, by the store's own clock; 0 when it was not asked yet. */
  readonly askedAt: Millis
  readonly isReplaced: boolean
  /** The store has less than what was known of the same store: somebody has emptied it. */
  readonly isBehind: boolean
  readonly lastKnownRoom: Room | null
  /** What the store has to have for the change to hold. */
  readonly foundVersion: number
  readonly foundStore: string
}

/** The answer of the script that commits; throws when it is none, or of a later version. */
export const readStoredState = (
  answer: unknown,
): { readonly now: Millis; readonly found: StoredState | null } => {
  if (!Array.isArray(answer)) throw new Error('Redis gave an answer that is none.')
  const [isDone, now, identity, version, store, format, epoch, text]: readonly unknown[] = answer
  if (isDone === 1) return { now: Number(now), found: null }
  const document = readRoom({ format: String(format), text: String(text) })
  if (document.type === 'foreign') {
    throw new Error('The room was written by a later version of this server.')
  }
  return {
    now: Number(now),
    found: {
      identity: String(identity),
      now: Number(now),
      version: Number(version),
      store: String(store),
      epoch: Number(epoch) || 0,
      room: document.type === 'room' ? document.room : null,
      isBroken: document.type === 'broken',
    },
  }
}

/**
 * Brings together what a node knows and what the store has. As long as it is one and the same store
 * it is right. One that was replaced may have less, and so may what another node wrote into it since.
 */
export const commitBaseOf = ({ known: given, found, identity, now }: Sources): CommitBase => {
  // That a room has ended is no help: which epoch the next may have is known to the store alone.
  const known = given !== null && given.room !== null ? given : null
  const there = found ?? assumedState(known, identity)
  const common = {
    epochFloor: there.epoch,
    askedAt: there.now,
    foundVersion: there.version,
    foundStore: there.store,
  }
  const isLost = isForgotten({ there, known, identity })
  const version = Math.max(there.version, known?.version ?? 0)
  const byClock = Math.floor(now) * versionsPerMs
  const leapVersion = byClock > version ? byClock : version + versionLeap
  const start = { there, known, leapVersion }
  return { ...common, ...(isLost ? restoreFromMemory(start) : takeStored(start)) }
}

interface Given {
  readonly there: StoredState
  readonly known: RoomVersion | null
  /** A version above all that may be forgotten. */
  readonly leapVersion: number
}

type Start = Omit<CommitBase, 'epochFloor' | 'askedAt' | 'foundVersion' | 'foundStore'>

/** The newest that anyone here remembers goes on, in versions above all that may be forgotten. */
const restoreFromMemory = ({ there, known, leapVersion }: Given): Start => {
  const isKnownBetter = known !== null && (known.version > there.version || there.room === null)
  const room = isKnownBetter ? known.room : there.room
  const version = Math.max(there.version, known?.version ?? 0)
  const isReplaced = room !== null
  const nextVersion = isReplaced ? leapVersion : version + 1
  return { room, version, nextVersion, isReplaced, isBehind: false, lastKnownRoom: null }
}

const takeStored = ({ there, known, leapVersion }: Given): Start => {
  const isBehind = known !== null && known.version > there.version
  const isNews = isBehind || (known !== null && known.store !== there.store)
  return {
    room: there.room,
    version: there.version,
    nextVersion: isBehind ? leapVersion : there.version + 1,
    isReplaced: false,
    isBehind,
    lastKnownRoom: isNews ? known.room : null,
  }
}

interface Sources {
  readonly known: RoomVersion | null
  readonly found: StoredState | null
  readonly identity: string
  /** By the clock of the store. */
  readonly now: Millis
}

/**
 * Of two failovers in a row the later comes to the higher version, whatever it remembers of the
 * earlier; should the clock have gone back, the step is one that no number of changes comes near.
 */
const versionsPerMs = 1_000
const versionLeap = 1_000_000

/** Before the store was asked: it will have what is known here. */
const assumedState = (known: RoomVersion | null, identity: string): StoredState => ({
  identity,
  version: known?.version ?? 0,
  store: known?.store ?? '',
  now: 0,
  epoch: 0,
  room: known?.room ?? null,
  isBroken: false,
})

/** The store was replaced since the room was written, or has lost the room altogether. */
const isForgotten = ({
  there,
  known,
  identity,
}: Pick<Sources, 'known' | 'identity'> & { readonly there: StoredState }): boolean => {
  if (there.store !== '' && there.store !== identity) return true
  const isGone = there.store === '' || there.isBroken
  return isGone && known !== null
}
