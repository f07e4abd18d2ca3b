import { type JoinOptions, joinRoom, type Peer, type Room } from '@skein/sdk'
import { codeOf, type FailureCode } from './failure.ts'
import { profile } from './profile.svelte.ts'
import { siteSignalUrl } from './signal-url.ts'

export type { Channel, JsonValue, LinkStatus, Peer, Room, RoomStatus } from '@skein/sdk'

/** A snapshot of the room. */
export interface RoomView {
  readonly self: Peer
  /** The other members, in join order. */
  readonly others: readonly Peer[]
  readonly host: Room['host']
  readonly term: number
  readonly epoch: number
  readonly status: Room['status']
}

/** Subscribes to the room's events. Called after each successful join. */
export type Attach = (room: Room, signal: AbortSignal) => void

type Phase = 'joining' | 'joined' | 'failed'

const roomEvents = [
  'peerjoin',
  'peerleave',
  'peerupdate',
  'linkchange',
  'hostchange',
  'statuschange',
] as const

/** Takes a snapshot of `room` for rendering. */
export const snapshotOf = (room: Room): RoomView => ({
  self: room.self,
  others: [...room.peers.values()],
  host: room.host,
  term: room.term,
  epoch: room.epoch,
  status: room.status,
})

/** The visitor's session in one room, from the first join to leaving. The only user of the SDK. */
export class RoomSession {
  readonly name: string
  phase = $state<Phase>('joining')
  failure = $state<FailureCode | null>(null)
  /** `null` until the first join succeeds. The last snapshot once the room has closed. */
  view = $state.raw<RoomView | null>(null)
  /** What the visitor chose. The server's answer is in `view.self`. */
  canHost = $state(true)
  readonly #attach: readonly Attach[]
  #room: Room | null = null
  #leaving = new AbortController()

  constructor(options: { readonly name: string; readonly attach: readonly Attach[] }) {
    this.name = options.name
    this.#attach = options.attach
  }

  async join(): Promise<void> {
    this.#leaving.abort()
    const leaving = new AbortController()
    this.#leaving = leaving
    if (typeof RTCPeerConnection === 'undefined') {
      this.#fail('no-webrtc')
      return
    }
    this.phase = 'joining'
    try {
      const url = await siteSignalUrl()
      const room = await joinRoom({ ...this.#options(url), signal: leaving.signal })
      if (leaving.signal.aborted) await room.leave()
      else this.#enter(room, leaving.signal)
    } catch (error) {
      if (!leaving.signal.aborted) this.#fail(codeOf(error))
    }
  }

  leave(): void {
    this.#leaving.abort()
    void this.#room?.leave()
    this.#room = null
  }

  /** Resolves to `null`, or to the error code if it fails. */
  async giveHost(to: Peer['id']): Promise<FailureCode | null> {
    try {
      await this.#room?.transferHost(to)
      return null
    } catch (error) {
      return codeOf(error)
    }
  }

  setCanHost(canHost: boolean): void {
    this.canHost = canHost
    this.#room?.update({ canHost })
  }

  #options(url: string): JoinOptions {
    return {
      url,
      room: this.name,
      presence: profile.presence,
      canHost: this.canHost,
      rejoin: 'session',
    }
  }

  #enter(room: Room, signal: AbortSignal): void {
    this.#room = room
    const refresh = () => {
      this.view = snapshotOf(room)
    }
    for (const event of roomEvents) room.on(event, refresh, { signal })
    refresh()
    this.failure = null
    this.phase = 'joined'
    for (const attach of this.#attach) attach(room, signal)
    void room.closed.then((error) => {
      if (!signal.aborted) this.#fail(error?.code ?? 'closed')
    })
  }

  #fail(code: FailureCode): void {
    this.#room = null
    this.failure = code
    this.phase = 'failed'
  }
}
