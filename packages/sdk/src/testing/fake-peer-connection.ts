import { FakeDataChannel, fakeMaxMessageBytes, pairChannels } from './fake-data-channel.ts'
import { fakeStats, isReachable, type PathNetwork } from './fake-path.ts'
import {
  FakeCandidate,
  type FakeDescription,
  type FakeSdp,
  parseSdp,
  withCandidates,
} from './fake-sdp.ts'

/** Measured in Chromium 156: `disconnected` after 6–7 s, `failed` 10 s later. */
const disconnectedMs = 6_500
const failedMs = 10_000
/** Time after which a connection without a working pair fails. */
const checkingMs = 15_000

/** The network, as far as a connection needs it. */
export interface FakeMedium extends PathNetwork {
  readonly isRelayed: boolean
  readonly register: (connection: FakeConnection) => number
  readonly find: (number: number) => FakeConnection | null
  readonly changed: () => void
  readonly after: (delayMs: number, task: () => void) => () => void
  readonly later: (task: () => void) => void
  readonly delay: () => Promise<void>
}

/**
 * An RTCPeerConnection with data channels and no real network. Two connections that exchange
 * descriptions find each other through the FakeNetwork.
 */
export class FakeConnection extends EventTarget {
  readonly number: number
  readonly owner: string
  signalingState: RTCSignalingState = 'stable'
  connectionState: RTCPeerConnectionState = 'new'
  readonly sctp: { readonly maxMessageSize: number } = { maxMessageSize: fakeMaxMessageBytes }
  onnegotiationneeded: ((event: Event) => void) | null = null
  onicecandidate: ((event: { candidate: FakeCandidate | null }) => void) | null = null
  onconnectionstatechange: ((event: Event) => void) | null = null
  onsignalingstatechange: ((event: Event) => void) | null = null
  ondatachannel: ((event: { channel: FakeDataChannel }) => void) | null = null
  readonly channels: FakeDataChannel[] = []
  /** The current ICE session and the previous one, newest first. */
  readonly sessions: { readonly local: FakeSdp; readonly remote: FakeSdp }[] = []
  protected readonly network: FakeMedium
  #currentLocal: FakeDescription | null = null
  #currentRemote: FakeDescription | null = null
  #pendingLocal: FakeDescription | null = null
  #pendingRemote: FakeDescription | null = null
  readonly #gathered = new Set<string>()
  #candidates: string[] = []
  #operations: Promise<unknown> = Promise.resolve()
  #queued = 0
  #version = 0
  /** The credentials that `restartIce` wants replaced. */
  #restartFrom: string | null = null
  #cancelStateTimer = () => {}
  #isConnecting = false

  constructor(network: FakeMedium, owner: string) {
    super()
    this.network = network
    this.owner = owner
    this.number = network.register(this)
  }

  get localDescription(): FakeDescription | null {
    return withCandidates(this.#pendingLocal ?? this.#currentLocal, this.#gathered)
  }
  get remoteDescription(): FakeDescription | null {
    return this.#pendingRemote ?? this.#currentRemote
  }

  createDataChannel(label: string, init: RTCDataChannelInit = {}): FakeDataChannel {
    if (this.connectionState === 'closed') throw new DOMException('closed', 'InvalidStateError')
    const channel = new FakeDataChannel(this, label, init)
    this.channels.push(channel)
    this.#checkNegotiation()
    if (this.connectionState === 'connected') this.openChannels()
    return channel
  }

  setLocalDescription(..._description: unknown[]): Promise<void> {
    return this.#chain(() => {
      const isAnswer = this.signalingState === 'have-remote-offer'
      const sdp = this.#describe(isAnswer)
      this.#gather(sdp.ufrag)
      const description = { type: isAnswer ? 'answer' : 'offer', sdp: JSON.stringify(sdp) } as const
      if (isAnswer) this.#settle({ local: description, remote: this.#pendingRemote })
      else {
        this.#pendingLocal = description
        this.#setSignaling('have-local-offer')
      }
    })
  }

  setRemoteDescription({ type, sdp }: { type: string; sdp: string }): Promise<void> {
    return this.#chain(() => {
      parseSdp(sdp)
      if (type === 'offer') {
        if (this.signalingState === 'have-local-offer') this.rollback()
        this.#pendingRemote = { type, sdp }
        this.#setSignaling('have-remote-offer')
      } else if (type === 'answer' && this.signalingState === 'have-local-offer') {
        this.#settle({ local: this.#pendingLocal, remote: { type, sdp } })
      } else throw new DOMException(`${type} in ${this.signalingState}`, 'InvalidStateError')
    })
  }

  addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    return this.#chain(() => {
      const remote = this.remoteDescription
      if (!remote) throw new DOMException('no remote description', 'InvalidStateError')
      const ufrag = candidate.usernameFragment
      const known = [this.#pendingRemote, this.#currentRemote].map(
        (d) => d && parseSdp(d.sdp).ufrag,
      )
      if (!ufrag || !known.includes(ufrag)) throw new DOMException('ufrag', 'OperationError')
      this.#candidates.push(ufrag)
      this.network.changed()
    })
  }

  restartIce(): void {
    if (this.connectionState === 'closed') return
    this.#restartFrom = this.#currentLocal && parseSdp(this.#currentLocal.sdp).ufrag
    this.#checkNegotiation()
  }

  setConfiguration(_configuration: RTCConfiguration): void {}

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(fakeStats(this.network.isRelayed ? 'relay' : 'host'))
  }

  close(): void {
    if (this.connectionState === 'closed') return
    const { isPathUp } = this
    const { remote } = this
    this.signalingState = 'closed'
    this.connectionState = 'closed'
    this.#cancelStateTimer()
    for (const channel of this.channels) channel.setClosed()
    if (isPathUp) {
      this.later(() => {
        for (const channel of remote?.channels ?? []) channel.setClosed()
      })
    }
    this.network.changed()
  }

  /** Runs the task after the delay of a packet. */
  later(task: () => void): void {
    this.network.later(task)
  }

  /** The other connection, once both have each other's description. */
  get remote(): FakeConnection | null {
    const [session] = this.sessions
    const other = session ? this.network.find(session.remote.pc) : null
    return other?.sessions[0]?.remote.pc === this.number ? other : null
  }

  get isPathUp(): boolean {
    const { remote } = this
    return (
      remote !== null &&
      this.connectionState !== 'closed' &&
      isReachable(this.network, [this, remote])
    )
  }

  hasCandidate({ ufrag }: FakeSdp): boolean {
    return this.#candidates.includes(ufrag)
  }

  /** Updates the state after a change in the network or the other connection. */
  update(): void {
    const state = this.connectionState
    if (state === 'closed' || !this.#currentRemote) return
    if (this.isPathUp && state !== 'failed') this.#onPathUp()
    else if (state === 'connected') {
      this.#cancelStateTimer()
      this.#setStateAfter(disconnectedMs, 'disconnected')
    }
  }

  #onPathUp(): void {
    this.#cancelStateTimer()
    if (this.connectionState !== 'connected') this.#connectSoon()
    else for (const channel of this.channels) channel.resume()
  }

  protected rollback(): void {
    this.#pendingLocal = null
  }

  #connectSoon(): void {
    if (this.#isConnecting) return
    this.#isConnecting = true
    this.later(() => {
      this.#isConnecting = false
      if (!this.isPathUp || this.connectionState === 'connected') return
      this.#setState('connected')
      this.openChannels()
      this.remote?.openChannels()
      for (const channel of this.channels) channel.resume()
    })
  }

  openChannels(): void {
    const { remote } = this
    const isReady = this.connectionState === 'connected' && remote?.connectionState === 'connected'
    if (remote && isReady) pairChannels(this, remote)
  }

  #sdpOf(description: FakeDescription | null): FakeSdp | null {
    return description && parseSdp(description.sdp)
  }

  #describe(isAnswer: boolean): FakeSdp {
    const before = this.#sdpOf(this.#currentLocal)
    const isAnswerToRestart =
      isAnswer &&
      this.#sdpOf(this.#pendingRemote)?.ufrag !== this.#sdpOf(this.#currentRemote)?.ufrag
    const isRestart = !before || before.ufrag === this.#restartFrom || isAnswerToRestart
    this.#version += 1
    return {
      pc: this.number,
      version: this.#version,
      ufrag: isRestart ? `${this.number}.${this.#version}` : before.ufrag,
      address: isRestart ? this.network.addressOf(this.owner) : before.address,
      hasCandidates: false,
    }
  }

  #settle({ local, remote }: Record<'local' | 'remote', FakeDescription | null>): void {
    this.#currentLocal = local
    this.#currentRemote = remote
    this.#pendingLocal = null
    this.#pendingRemote = null
    if (local && remote) {
      const theirs = parseSdp(remote.sdp)
      if (theirs.hasCandidates) this.#candidates.push(theirs.ufrag)
      this.sessions.unshift({ local: parseSdp(local.sdp), remote: theirs })
      this.sessions.length = Math.min(2, this.sessions.length)
    }
    if (this.sessions[0]?.local.ufrag !== this.#restartFrom) this.#restartFrom = null
    if (this.connectionState === 'new' || this.connectionState === 'failed') {
      this.#setState('connecting')
      this.#cancelStateTimer()
      this.#setStateAfter(checkingMs, 'failed')
    }
    this.#setSignaling('stable')
    this.network.changed()
    this.#checkNegotiation()
  }

  #gather(ufrag: string): void {
    if (this.#currentLocal && parseSdp(this.#currentLocal.sdp).ufrag === ufrag) return
    for (const part of [1, 2, null]) {
      this.later(() => {
        if (this.connectionState === 'closed') return
        if (part !== null) this.#gathered.add(ufrag)
        this.onicecandidate?.({ candidate: part === null ? null : new FakeCandidate(ufrag, part) })
      })
    }
  }

  #needsNegotiation(): boolean {
    const current = this.#currentLocal && parseSdp(this.#currentLocal.sdp).ufrag
    return current ? current === this.#restartFrom : this.channels.length > 0
  }

  #checkNegotiation(): void {
    queueMicrotask(() => {
      const isIdle = this.signalingState === 'stable' && this.#queued === 0
      if (isIdle && this.#needsNegotiation())
        this.onnegotiationneeded?.(new Event('negotiationneeded'))
    })
  }

  /** The operations chain of the specification: one operation at a time, each with a delay. */
  #chain(operation: () => void): Promise<void> {
    this.#queued += 1
    const done = this.#operations
      .then(() => this.network.delay())
      .then(() => {
        if (this.connectionState === 'closed') return new Promise<void>(() => {})
        this.#queued -= 1
        operation()
        if (this.#queued === 0) this.#checkNegotiation()
        return undefined
      })
    this.#operations = done.catch(() => {})
    return done
  }

  #setStateAfter(delayMs: number, state: 'disconnected' | 'failed'): void {
    this.#cancelStateTimer = this.network.after(delayMs, () => {
      this.#setState(state)
      if (state === 'disconnected') this.#setStateAfter(failedMs, 'failed')
    })
  }

  #setSignaling(state: RTCSignalingState): void {
    this.signalingState = state
    this.onsignalingstatechange?.(new Event('signalingstatechange'))
  }

  #setState(state: RTCPeerConnectionState): void {
    if (this.connectionState === 'closed' || this.connectionState === state) return
    this.connectionState = state
    this.onconnectionstatechange?.(new Event('connectionstatechange'))
    this.dispatchEvent(new Event('connectionstatechange'))
  }
}

/** Like node-datachannel: no implicit descriptions, no rollback, no ICE restart. */
export class FakeExplicitConnection extends FakeConnection {
  // The parameter makes `length` 1, which shows that the description is required.
  override setLocalDescription(description: unknown): Promise<void> {
    return super.setLocalDescription(description)
  }
  createOffer(): Promise<object> {
    return Promise.resolve({ type: 'offer' })
  }
  createAnswer(): Promise<object> {
    return Promise.resolve({ type: 'answer' })
  }
  override restartIce(): void {
    throw new DOMException('Not implemented')
  }
  protected override rollback(): void {
    throw new DOMException('offer in have-local-offer', 'InvalidStateError')
  }
}
