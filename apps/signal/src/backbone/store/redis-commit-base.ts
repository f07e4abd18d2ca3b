import type { Epoch, Millis } from '@skein/protocol'
import type { Room, RoomPolicy } from '@skein/protocol/room'
import { readRoom } from './room-document.ts'
import type { RoomVersion } from './store.ts'

/** What the store holds for a room, returned when a commit did not find what it expected. */
export interface StoredState {
  /** Identity of the store that replied, and its clock. */
  readonly identity: string
  readonly now: Millis
  readonly version: number
  /** Identity of the store that the room was written to; empty when nothing is stored. */
  readonly store: string
  /** The highest epoch given out for this room. */
  readonly epoch: Epoch
  readonly room: Room | null
  /** Something is stored that this server cannot read. */
  readonly isUnreadable: boolean
}

/** What a change of a room starts from, and what the store must hold for it to be committed. */
export interface CommitBase {
  readonly room: Room | null
  readonly version: number
  readonly nextVersion: number
  /** The highest epoch given out for this room. */
  readonly epochFloor: Epoch
  /** A past reading of the store's clock; 0 when the store has not been asked yet. */
  readonly storeTime: Millis
  readonly isReplaced: boolean
  /** The store holds an older version than this node knows, and is the same store: it was wiped. */
  readonly isBehind: boolean
  readonly lastKnownRoom: Room | null
  /** The commit script writes only if the store holds this version, written to this store. */
  readonly expectedVersion: number
  readonly expectedStore: string
}

/**
 * Parses the reply of the commit script. `stored` is `null` when the change was committed. Throws
 * when the reply is invalid or a later version of the server wrote the room.
 */
export const readCommitReply = (
  reply: unknown,
  policy: RoomPolicy,
): { readonly now: Millis; readonly stored: StoredState | null } => {
  if (!Array.isArray(reply)) throw new Error('Unexpected reply from Redis.')
  const [isDone, now, identity, version, store, format, epoch, text]: readonly unknown[] = reply
  if (isDone === 1) return { now: Number(now), stored: null }
  const document = readRoom({ format: String(format), text: String(text), policy })
  if (document.type === 'newer') {
    throw new Error('The room was written by a later version of this server.')
  }
  return {
    now: Number(now),
    stored: {
      identity: String(identity),
      now: Number(now),
      version: Number(version),
      store: String(store),
      epoch: Number(epoch) || 0,
      room: document.type === 'room' ? document.room : null,
      isUnreadable: document.type === 'unreadable',
    },
  }
}

/**
 * Combines what this node knows with what the store holds. As long as the store is the same, the
 * store is right. A store that was replaced may hold an older room, and so may anything that
 * another node has written to it since.
 */
export const commitBaseOf = ({ known: lastKnown, stored, identity, now }: Sources): CommitBase => {
  // Knowing that a room ended does not help: only the store knows which epoch the next one may
  // have.
  const known = lastKnown !== null && lastKnown.room !== null ? lastKnown : null
  const state = stored ?? assumedState(known, identity)
  const common = {
    epochFloor: state.epoch,
    storeTime: state.now,
    expectedVersion: state.version,
    expectedStore: state.store,
  }
  const version = Math.max(state.version, known?.version ?? 0)
  const byClock = Math.floor(now) * versionsPerMs
  const recoveryVersion = byClock > version ? byClock : version + minVersionJump
  const candidates = { state, known, recoveryVersion }
  const isLost = mayHaveLostChanges({ state, known, identity })
  return { ...common, ...(isLost ? restoreFromMemory(candidates) : useStored(candidates)) }
}

interface Candidates {
  readonly state: StoredState
  readonly known: RoomVersion | null
  /** Higher than any version that may have been lost. */
  readonly recoveryVersion: number
}

type Start = Omit<CommitBase, 'epochFloor' | 'storeTime' | 'expectedVersion' | 'expectedStore'>

/** Continues from the newest known room, with versions higher than any that may have been lost. */
const restoreFromMemory = ({ state, known, recoveryVersion }: Candidates): Start => {
  const isKnownNewer = known !== null && (known.version > state.version || state.room === null)
  const room = isKnownNewer ? known.room : state.room
  const version = Math.max(state.version, known?.version ?? 0)
  const isReplaced = room !== null
  const nextVersion = isReplaced ? recoveryVersion : version + 1
  return { room, version, nextVersion, isReplaced, isBehind: false, lastKnownRoom: null }
}

const useStored = ({ state, known, recoveryVersion }: Candidates): Start => {
  const isBehind = known !== null && known.version > state.version
  const wasRecovered = isBehind || (known !== null && known.store !== state.store)
  return {
    room: state.room,
    version: state.version,
    nextVersion: isBehind ? recoveryVersion : state.version + 1,
    isReplaced: false,
    isBehind,
    lastKnownRoom: wasRecovered ? known.room : null,
  }
}

interface Sources {
  readonly known: RoomVersion | null
  readonly stored: StoredState | null
  readonly identity: string
  /** By the store's clock. */
  readonly now: Millis
}

/**
 * Versions after a failover are taken from the clock, so that the later of two failovers gets the
 * higher version, even if it knows nothing of the earlier one. If the clock went back, the version
 * jumps by more than any number of changes could.
 */
const versionsPerMs = 1_000
const minVersionJump = 1_000_000

/** Before the store was asked, it is assumed to hold what this node knows. */
const assumedState = (known: RoomVersion | null, identity: string): StoredState => ({
  identity,
  version: known?.version ?? 0,
  store: known?.store ?? '',
  now: 0,
  epoch: 0,
  room: known?.room ?? null,
  isUnreadable: false,
})

/** The store was replaced after the room was written, or has lost the room altogether. */
const mayHaveLostChanges = ({
  state,
  known,
  identity,
}: Pick<Candidates, 'state' | 'known'> & { readonly identity: string }): boolean => {
  if (state.store !== '' && state.store !== identity) return true
  const isGone = state.store === '' || state.isUnreadable
  return isGone && known !== null
}
