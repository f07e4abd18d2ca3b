import { type JoinOptions, joinRoom, type Peer, type Room } from '@skein/sdk'
import { codeOf, type FailureCode } from './failure.ts'
import { profile } from './profile.svelte.ts'

export type { Channel, JsonValue, LinkStatus, Peer, Room, RoomStatus } from '@skein/sdk'

/** The room as it is at one moment. */
export interface RoomView {
  readonly self: Peer
  /** The others, in join order. */
  readonly others: readonly Peer[]
  readonly host: Room['host']
  readonly term: number
  readonly epoch: number
  readonly status: Room['status']
}

/** Someone who wants to hear of the room's events; called after each successful join. */
export type Attach = (room: Room, signal: AbortSignal) => void

type Phase = 'joining' | 'joined' | 'failed'

const facts = [
  'peerjoin',
  'peerleave',
  'peerupdate',
  'linkchange',
  'hostchange',
  'statuschange',
] as const

const signalUrl = (): string => {
  const fallback = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws`
  return import.meta.env.VITE_SIGNAL_URL ?? fallback
}

/** A snapshot of `room`, for drawing. */
export const lookAt = (room: Room): RoomView => ({
  self: room.self,
  others: [...room.peers.values()],
  host: room.host,
  term: room.term,
  epoch: room.epoch,
  status: room.status,
})

/** My stay in one room, from the first attempt to the goodbye. The only door to the SDK. */
export class RoomSession {
  readonly name: string
  phase = $state<Phase>('joining')
  failure = $state<FailureCode | null>(null)
  /** `null` until the first welcome; the last one seen when the room has closed. */
  view = $state.raw<RoomView | null>(null)
  /** What I want; the server's answer is in `view.self`. */
  canHost = $state(true)
  readonly #attach: readonly Attach[]
  #room: Room | null = null
  #stay = new AbortController()

  constructor(options: { readonly name: string; readonly attach: readonly Attach[] }) {
    this.name = options.name
    this.#attach = options.attach
  }

  async join(): Promise<void> {
    this.#stay.abort()
    const stay = new AbortController()
    this.#stay = stay
    if (typeof RTCPeerConnection === 'undefined') {
      this.#fail('no-webrtc')
      return
    }
    this.phase = 'joining'
    try {
      const room = await joinRoom({ ...this.#options(), signal: stay.signal })
      if (stay.signal.aborted) await room.leave()
      else this.#adopt(room, stay.signal)
    } catch (error) {
      if (!stay.signal.aborted) this.#fail(codeOf(error))
    }
  }

  leave(): void {
    this.#stay.abort()
    void this.#room?.leave()
    this.#room = null
  }

  /** Resolves to `null`, or to the code of what went wrong. */
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

  #options(): JoinOptions {
    return {
      url: signalUrl(),
      room: this.name,
      presence: profile.presence,
      canHost: this.canHost,
    }
  }

  #adopt(room: Room, signal: AbortSignal): void {
    this.#room = room
    const refresh = () => {
      this.view = lookAt(room)
    }
    for (const fact of facts) room.on(fact, refresh, { signal })
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
