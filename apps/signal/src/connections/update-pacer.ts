import type { Member, Millis, PeerId, Presence } from '@skein/protocol'
import { type Rate, TokenBucket } from '../limits/token-bucket.ts'

/** A member that has an update to apply. */
export interface PacedMember {
  /** Takes an update from its own rate: 0 if allowed, otherwise the milliseconds until one is. */
  readonly takeUpdate: (now: Millis) => Millis
  /** Applies the newest update. Returns how many bytes the members of the room receive for it. */
  readonly applyUpdate: () => number
}

/**
 * Applies updates at the rate of each member and at that of each room, whose members all receive
 * each update. An update above a rate waits, and the member keeps only its newest one, so the last
 * one always arrives. No member and no room needs a timer.
 */
export class UpdatePacer {
  readonly #roomRate: Rate
  readonly #rooms = new Map<string, PacedRoom>()
  /** Rooms with members that wait, or above their rate. */
  readonly #busy = new Set<PacedRoom>()

  /** `roomRate`: bytes that the members of a room receive. */
  constructor({ roomRate }: { readonly roomRate: Rate }) {
    this.#roomRate = roomRate
  }

  /** The member has a new update. */
  submit(member: PacedMember, name: string, now: Millis): void {
    const room = this.#roomOf(name, now)
    if (room.waiting.has(member)) return
    room.waiting.set(member, now)
    if (room.isAboveRate) this.#busy.add(room)
    else this.#tryToApply(room, member, now)
  }

  /** The member has gone. */
  withdraw(member: PacedMember, name: string): void {
    this.#rooms.get(name)?.waiting.delete(member)
  }

  /** Applies what is due, in the order in which members began to wait. */
  check(now: Millis): void {
    for (const room of this.#busy) {
      room.isAboveRate = room.bytes.spend(this.#roomRate, 0, now) > 0
      this.#applyDue(room, now)
      if (!room.isAboveRate && room.waiting.size === 0) this.#busy.delete(room)
    }
  }

  /** Forgets rooms without recent updates. */
  sweep(now: Millis): void {
    for (const [name, room] of this.#rooms) {
      if (!this.#busy.has(room) && room.bytes.isFull(this.#roomRate, now)) this.#rooms.delete(name)
    }
  }

  get size(): number {
    return this.#rooms.size
  }

  #applyDue(room: PacedRoom, now: Millis): void {
    for (const [member, dueAt] of room.waiting) {
      if (room.isAboveRate) return
      if (dueAt <= now) this.#tryToApply(room, member, now)
    }
  }

  #tryToApply(room: PacedRoom, member: PacedMember, now: Millis): void {
    const waitMs = member.takeUpdate(now)
    if (waitMs > 0) {
      room.waiting.set(member, now + waitMs)
      this.#busy.add(room)
      return
    }
    room.waiting.delete(member)
    room.isAboveRate = room.bytes.spend(this.#roomRate, member.applyUpdate(), now) > 0
    if (room.isAboveRate) this.#busy.add(room)
  }

  #roomOf(name: string, now: Millis): PacedRoom {
    const existing = this.#rooms.get(name)
    if (existing !== undefined) return existing
    const bytes = new TokenBucket(this.#roomRate, now)
    const room: PacedRoom = { bytes, waiting: new Map(), isAboveRate: false }
    this.#rooms.set(name, room)
    return room
  }
}

interface PacedRoom {
  readonly bytes: TokenBucket
  /** When the member may apply its next update, by its own rate. */
  readonly waiting: Map<PacedMember, Millis>
  /** Until the next check: otherwise new updates would overtake those that wait. */
  isAboveRate: boolean
}

/** How many bytes the members of a room receive when that member changes its presence. */
export const broadcastBytes = (
  room: { readonly members: readonly Pick<Member, 'id' | 'presence' | 'online'>[] } | null,
  { id, presence }: { readonly id: PeerId; readonly presence: Presence | null | undefined },
): number => {
  if (room === null) return 0
  const stored = room.members.find((member) => member.id === id)?.presence
  const text = JSON.stringify(presence === undefined ? (stored ?? null) : presence)
  const receivers = room.members.filter(({ online }) => online).length
  return receivers * (bytesBesidePresence + Buffer.byteLength(text))
}

/** The rest of a `peer-updated` frame. */
const bytesBesidePresence = 200
