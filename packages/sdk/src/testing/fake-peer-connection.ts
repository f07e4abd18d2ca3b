import { FakeDataChannel, fakeMaxMessageBytes, pairChannels } from './fake-data-channel.ts'
import { carries, fakeStats, type PathNetwork } from './fake-path.ts'
import { asRead, FakeCandidate, type FakeDescription, type FakeSdp, parseSdp } from './fake-sdp.ts'

/** Chromium 156, measured: consent is lost after 6–7 s, given up 10 s later. */
const disconnectedMs = 6_500
const failedMs = 10_000
/** A hopeless pair fails after so long. */
const checkingMs = 15_000

/** The network that connections meet in, as far as a connection needs it. */
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
 * RTCPeerConnection with data channels, without a network: descriptions are exchanged as usual, and
 * two connections whose descriptions fit find each other through the FakeNetwork.
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
  /** The latest first; no more than two. */
  readonly sessions: { readonly local: FakeSdp; readonly remote: FakeSdp }[] = []
  protected readonly network: FakeMedium
  #currentLocal: FakeDescription | null = null
  #currentRemote: FakeDescription | null = null
  #pendingLocal: FakeDescription | null = null
  #pendingRemote: FakeDescription | null = null
  readonly #found = new Set<string>()
  #candidates: string[] = []
  #operations: Promise<unknown> = Promise.resolve()
  #queued = 0
  #version = 0
  /** The credentials that `restartIce` wants replaced. */
  #restartFrom: string | null = null
  #cancelDecline = () => {}
  #isConnecting = false

  constructor(network: FakeMedium, owner: string) {
    super()
    this.network = network
    this.owner = owner
    this.number = network.register(this)
  }

  get localDescription(): FakeDescription | null {
    return asRead(this.#pendingLocal ?? this.#currentLocal, this.#found)
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
    this.#cancelDecline()
    for (const channel of this.channels) channel.closed()
    if (isPathUp) {
      this.later(() => {
        for (const channel of remote?.channels ?? []) channel.closed()
      })
    }
    this.network.changed()
  }

  /** After the time that a packet takes. */
  later(task: () => void): void {
    this.network.later(task)
  }

  /** The other connection, once both know each other. */
  get remote(): FakeConnection | null {
    const [session] = this.sessions
    const other = session ? this.network.find(session.remote.pc) : null
    return other?.sessions[0]?.remote.pc === this.number ? other : null
  }

  get isPathUp(): boolean {
    const { remote } = this
    return (
      remote !== null && this.connectionState !== 'closed' && carries(this.network, [this, remote])
    )
  }

  hasCandidate({ ufrag }: FakeSdp): boolean {
    return this.#candidates.includes(ufrag)
  }

  /** Something changed in the network or in the other connection. */
  review(): void {
    const state = this.connectionState
    if (state === 'closed' || !this.#currentRemote) return
    if (this.isPathUp && state !== 'failed') this.#reach()
    else if (state === 'connected') {
      this.#cancelDecline()
      this.#declineAfter(disconnectedMs, 'disconnected')
    }
  }

  #reach(): void {
    this.#cancelDecline()
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
      this.#cancelDecline()
      this.#declineAfter(checkingMs, 'failed')
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
        if (part !== null) this.#found.add(ufrag)
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

  /** The operations chain of the specification: one after the other, each taking its time. */
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

  #declineAfter(delayMs: number, state: 'disconnected' | 'failed'): void {
    this.#cancelDecline = this.network.after(delayMs, () => {
      this.#setState(state)
      if (state === 'disconnected') this.#declineAfter(failedMs, 'failed')
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
  }
}
