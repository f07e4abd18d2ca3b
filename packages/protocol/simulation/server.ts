import { isDeepStrictEqual } from 'node:util'
import type { Millis } from '../src/ids.ts'
import {
  createRoom,
  isEmpty,
  type Room,
  type RoomInput,
  type RoomPolicy,
  step,
} from '../src/room/index.ts'
import { assertInvariant, deepFreeze } from './assert-invariant.ts'
import { checkTransition } from './invariants.ts'
import type { Transition } from './transition.ts'

export const policy: RoomPolicy = {
  memberGraceMs: 10_000,
  hostGraceMs: 5_000,
  reloadGraceMs: 3_000,
  maxMembers: 5,
  rebuildMs: 5_000,
  rebuildMinMs: 500,
  tokenRenewMs: 40_000,
}

/** After a restart, how long joins wait for returning members. */
const joinDelayMs = 5_000
/** After a restart, how long tokens of an earlier boot are accepted. */
const oldTokensMs = 60_000

/** The server around the room core: it stores the room and checks the boot of tokens. */
export class Server {
  room: Room | null = null
  boot = 1
  private lastEpoch = 0
  private bootAt: Millis

  constructor(bootAt: Millis) {
    this.bootAt = bootAt
  }

  restart(now: Millis): void {
    this.room = null
    this.boot += 1
    this.bootAt = now
  }

  /** Steps for everything due, then for the input; `null` when there is no room to apply it to. */
  dispatch({ input, now, tokenBoot }: ServerInput): readonly Transition[] | null {
    const isOld = tokenBoot !== null && tokenBoot < this.boot
    const before = this.room ?? this.roomFor({ input, now, isOld })
    if (before === null) return null
    const [after, effects] = step(deepFreeze(before), deepFreeze(input), now)
    const transitions = splitDue({ before, input, now, after: deepFreeze(after), effects })
    for (const transition of transitions) checkTransition(transition)
    this.lastEpoch = Math.max(this.lastEpoch, after.epoch)
    this.room = isEmpty(after) ? null : after
    return transitions
  }

  private roomFor({
    input,
    now,
    isOld,
  }: Omit<ServerInput, 'tokenBoot'> & { readonly isOld: boolean }): Room | null {
    const acceptsOldTokens = this.boot > 1 && now < this.bootAt + oldTokensMs
    if (input.type !== 'join' && !(input.type === 'resume' && acceptsOldTokens && isOld))
      return null
    return createRoom({
      name: 'room',
      epoch: Math.max(now, this.lastEpoch + 1),
      policy,
      recoverUntil: this.recoverUntil(input, now),
      keepUntil: acceptsOldTokens ? this.bootAt + oldTokensMs : null,
    })
  }

  private recoverUntil(input: RoomInput, now: Millis): Millis | null {
    if (input.type === 'resume') return now + policy.rebuildMs
    const until = this.bootAt + joinDelayMs
    return this.boot > 1 && now < until ? until : null
  }
}

interface ServerInput {
  readonly input: RoomInput
  readonly now: Millis
  /** The boot of the server that issued the token of a resume. */
  readonly tokenBoot: number | null
}

/** Splits a step into what was due and the input, because a late tick must not matter. */
const splitDue = (whole: Transition): readonly Transition[] => {
  const { before, input, now } = whole
  const [current, dueEffects] = step(before, { type: 'tick' }, now)
  if (current === before || input.type === 'tick' || input.type === 'signal') return [whole]
  const [after, effects] = step(deepFreeze(current), input, now)
  const isSame = isDeepStrictEqual(
    [after, [...dueEffects, ...effects]],
    [whole.after, whole.effects],
  )
  assertInvariant(isSame, 'everything that is due happens before the input')
  // One object, so that the checks see that the input changed nothing.
  const between = after === current ? whole.after : current
  return [
    { before, input: { type: 'tick' }, now, after: between, effects: dueEffects },
    { before: between, input, now, after: whole.after, effects },
  ]
}
