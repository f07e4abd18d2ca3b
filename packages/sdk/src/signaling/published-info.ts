import type { ClientMessage, Limits, Millis, UpdateMessage } from '@skein/protocol'
import type { Clock } from '../time/clock.ts'
import * as limits from './limits.ts'
import { createPacer, type Pacer } from './pacer.ts'
import type { MemberInfo } from './signaling.ts'

/**
 * What the application wants to publish about this member; the pace decides when the server gets
 * it. Only the newest state waits.
 */
export class PublishedInfo {
  current: MemberInfo
  readonly #pacer: Pacer<UpdateMessage>

  constructor(clock: Clock, info: MemberInfo, send: (message: ClientMessage) => boolean) {
    this.current = JSON.parse(infoText(info))
    this.#pacer = createPacer(clock, 1, send)
  }

  change(change: Partial<MemberInfo>): void {
    // A deep copy, without `undefined`: the application may go on to change what it passed.
    this.current = { ...this.current, ...JSON.parse(JSON.stringify(change)) }
    this.#publish()
  }

  /** The server rejected an update because it came too fast. */
  rejected(retryAfterMs: Millis | null): void {
    this.#pacer.pause(retryAfterMs ?? limits.updateRetryMs)
    this.#publish()
  }

  /** The server has told what it knows. `isNew`: on a new socket. */
  known(info: MemberInfo, isNew: boolean): void {
    // The server may have missed an update, or lost one.
    if (infoText(info) !== infoText(this.current)) this.#publish()
    // On a socket in use, an older update may be on its way: the newest has to follow it.
    else if (isNew) this.clear()
  }

  /** Sends at this pace from now on. An older server does not say how many updates it accepts. */
  open({ updatesPerSecond = 2, updatesBurst = 10 }: Limits): void {
    this.#pacer.open(updatesPerSecond, updatesBurst)
  }

  clear(): void {
    this.#pacer.clear()
  }

  #publish(): void {
    this.#pacer.add({ ...this.current, type: 'update' })
  }
}

const infoText = ({ presence, canHost, priority }: MemberInfo): string =>
  JSON.stringify({ presence, canHost, priority })
