import type { Duplex } from 'node:stream'
import {
  type ClientMessage,
  type CloseCode,
  type ConnectionId,
  closeCodes,
  type DecodeFailure,
  decodeClient,
  type ErrorCode,
  type ErrorMessage,
  type JoinMessage,
  type Millis,
  type PeerId,
  type UpdateMessage,
} from '@skein/protocol'
import type { Absence, ResumeClaims, RoomEffect, RoomInput } from '@skein/protocol/room'
import type { WebSocket } from 'ws'
import { defaultGrant, type Grant } from '../auth/grant.ts'
import type { AddressAccount } from '../limits/address-ledger.ts'
import { FrameLimits } from '../limits/frame-limits.ts'
import type { Attachment } from '../rooms/resync.ts'
import { errorFields } from '../telemetry/log.ts'
import type { SocketHandler } from '../wire/handled-socket.ts'
import { SocketWriter } from '../wire/socket-writer.ts'
import { binaryFrame, pingMessageFrame } from '../wire/text-frame.ts'
import { authorizeJoin, type JoinDecision } from './authorize-join.ts'
import type { ConnectionContext } from './connection-context.ts'
import {
  attachmentOf,
  checkingState,
  closingState,
  newState,
  roomOf,
  type SignalSender,
  type State,
} from './connection-state.ts'
import { Liveness } from './liveness.ts'
import { MemberUpdates } from './member-updates.ts'
import { checkHost, relaySignal, type SignalFrame } from './relay-signal.ts'
import { changeInput, departInput } from './room-inputs.ts'

export interface ConnectionOptions {
  readonly id: ConnectionId
  readonly socket: WebSocket
  /** The stream that the socket writes to. */
  readonly stream: Duplex
  readonly account: AddressAccount | null
  readonly context: ConnectionContext
}

/**
 * The connection of one client. It owns no timer and no closure, because a server has thousands of
 * connections.
 */
export class Connection implements SocketHandler {
  readonly id: ConnectionId
  readonly writer: SocketWriter
  /** Set by the heartbeat. */
  slice = 0
  readonly #socket: WebSocket
  readonly #account: AddressAccount | null
  readonly #context: ConnectionContext
  readonly #limits = new FrameLimits()
  #state: State = newState
  readonly #liveness: Liveness
  /** Created by its first update. */
  #updates: MemberUpdates | null = null
  #renewIceAt: Millis | null = null
  /** The rights of its latest join. */
  #grant: Grant = defaultGrant

  constructor({ id, socket, stream, account, context }: ConnectionOptions) {
    const now = context.heartbeat.clock(context.now())
    this.id = id
    const { writeBatcher: batcher, metrics } = context
    this.writer = new SocketWriter({ socket, stream, batcher, metrics, slow: this })
    this.#socket = socket
    this.#account = account
    this.#context = context
    this.#liveness = new Liveness(now)
    context.joinDeadlines.add(this, now)
  }

  get isMember(): boolean {
    return this.#state.name === 'joined'
  }

  /** The room that it is in or is joining; `null` when there is none. */
  get attachment(): Attachment | null {
    return attachmentOf(this.id, this.#state)
  }

  receive(bytes: Buffer, isBinary: boolean): void {
    const now = this.#noteSeen()
    if (this.#state.name === 'closing') return
    this.#pauseReading(this.#context.addresses.spendFrame(this.#account, bytes.length, now), now)
    const text = isBinary ? '' : bytes.toString()
    const decoded = isBinary ? binaryFrame : decodeClient(text)
    if (!decoded.ok) this.#rejectFrame(decoded.error, now)
    else if (this.#takeFromLimit(decoded.value.type, now)) {
      this.#handle(decoded.value, { bytes, text })
    }
  }

  /** Answers a WebSocket ping, within the rate limit. */
  receivePing(data: Buffer): void {
    const now = this.#noteSeen()
    if (this.#state.name !== 'closing' && this.#takeFromLimit('ping', now)) this.writer.pong(data)
  }

  /** An unsolicited pong counts against the rate limit. */
  receivePong(): void {
    // No sign of life: browsers answer WebSocket pings also for a page that is frozen.
    if (this.#limits.takePong() || this.#state.name === 'closing') return
    this.#takeFromLimit('ping', this.#context.now())
  }

  /** The socket has closed, by either side. */
  closed(): void {
    const { connections, heartbeat, hostWatch, addresses } = this.#context
    connections.delete(this)
    heartbeat.delete(this)
    hostWatch.set(this, false)
    addresses.release(this.#account)
    this.writer.closed()
    this.#startClosing('lost')
  }

  handlerFailed(error: unknown): void {
    this.#context.log.error(errorFields(error), 'frame handler failed')
    this.writer.sendError({ code: 'bad-message', about: null })
  }

  /** Sends a signal of another member to the client; false when that is not possible. */
  deliverSignal(frame: Buffer): boolean {
    if (this.#state.name !== 'joined' || !this.writer.sendFrame(frame)) return false
    this.#context.metrics.relayedSignals += 1
    this.#context.metrics.relayedBytes += frame.length
    return true
  }

  /** Sends a welcome: the join was accepted, or the client needs a resync. */
  sendWelcome({ message, claims }: Extract<RoomEffect, { type: 'welcome' }>): void {
    if (this.#state.name === 'closing') return
    const { limits, now, tokens, metrics, ice } = this.#context
    const self = message.self.id
    if (this.#state.name === 'joining') metrics.joined(message.resumed ? 'resumed' : 'fresh')
    // A resync gets its TURN credentials outside the address's share, or it could lose the relay.
    const account = this.isMember ? null : this.#account
    const sender = { connection: this.id, room: message.room, self }
    this.#setState({ name: 'joined', sender })
    this.hostChanged(message.host)
    const { iceServers, renewAt } = ice(self, account)
    this.#renewIceAt = renewAt
    this.writer.send({ ...message, resume: tokens.sign(claims, now()), iceServers, limits })
  }

  sendResumeToken(claims: ResumeClaims): void {
    const { tokens, now } = this.#context
    this.writer.send({ type: 'resume', resume: tokens.sign(claims, now()) })
  }

  /** Rejects the join that the client waits for; the client may try again. */
  rejectJoin(message: ErrorMessage): void {
    if (this.#state.name !== 'joining') return
    this.#setState(newState)
    this.#startJoinDeadline()
    this.writer.sendErrorMessage(message)
  }

  /** Starts the closing handshake. Frames that arrive later are ignored. */
  close(code: CloseCode | 1000, reason = ''): void {
    if (this.#state.name === 'closing') return
    this.#startClosing('lost')
    this.writer.close(code, reason)
  }

  cutOff(): void {
    this.close(closeCodes.slowConsumer)
  }

  joinTimedOut(): void {
    const message = 'No join was received in time.'
    this.writer.sendError({ code: 'timeout', message, about: null })
    this.close(closeCodes.heartbeatLost)
  }

  goAway(reconnectWithinMs: Millis): void {
    this.writer.send({ type: 'goaway', reason: 'The server is restarting.', reconnectWithinMs })
  }

  /**
   * Called once per heartbeat round: pings the client, and closes the connection if it is silent.
   * `now` is by the clock of the heartbeat.
   */
  checkLiveness(now: Millis): void {
    if (this.#state.name === 'closing') return
    const { tuning, readPauses, now: clock } = this.#context
    // What it sent waits unread.
    if (readPauses.has(this)) this.#liveness.seen(now)
    if (this.#liveness.isLost(tuning, now)) {
      this.close(closeCodes.heartbeatLost)
      return
    }
    if (this.#liveness.isPingDue(tuning, now)) this.#ping(now)
    if (this.#renewIceAt !== null && clock() >= this.#renewIceAt) this.#renewIce(this.#state)
  }

  /** Another member cannot reach this one: asks it for a sign of life. */
  checkNow(): void {
    const { heartbeat, tuning, now: clock } = this.#context
    const now = heartbeat.clock(clock())
    if (this.#state.name === 'joined' && this.#liveness.doubt(tuning, now)) this.#ping(now)
  }

  /** The room has another host. */
  hostChanged(host: PeerId | null): void {
    const { heartbeat, hostWatch, now } = this.#context
    const isHost = this.#state.name === 'joined' && this.#state.sender.self === host
    this.#liveness.hostChanged(isHost, heartbeat.clock(now()))
    hostWatch.set(this, isHost)
  }

  pauseReading(): void {
    this.#socket.pause()
  }

  resumeReading(): void {
    this.#socket.resume()
  }

  /** Members are asked by a message, which only a running page answers. */
  #ping(now: Millis): void {
    this.#liveness.pinged(now)
    if (this.#state.name === 'joined') {
      this.writer.sendFrame(pingMessageFrame)
      return
    }
    this.#limits.pingSent()
    this.writer.ping()
  }

  #renewIce(state: State): void {
    if (state.name !== 'joined') return
    const { iceServers, renewAt, isComplete } = this.#context.ice(state.sender.self, this.#account)
    this.#renewIceAt = renewAt
    // An incomplete list would take away a relay whose credentials are still valid for a while.
    if (isComplete) this.writer.send({ type: 'ice-servers', iceServers })
  }

  #handle(message: ClientMessage, frame: Omit<SignalFrame, 'message'>): void {
    switch (message.type) {
      case 'join':
        if (this.#state.name === 'new') this.#join(message)
        else this.#sendError('already-joined', message)
        break
      case 'leave':
        this.#startClosing('leave')
        this.writer.close(1000)
        break
      case 'away':
        this.#startClosing('lost', message.reload ? 'reload' : 'away')
        this.writer.close(1000)
        break
      case 'ping':
        if (this.#state.name === 'new') this.#sendError('not-joined', message)
        else this.writer.send({ type: 'pong', id: message.id })
        break
      case 'pong':
        // That it came is what counts.
        break
      default:
        if (this.#state.name !== 'joined') this.#sendError('not-joined', message)
        else this.#handleAsMember(this.#state.sender, { ...frame, message })
    }
  }

  #handleAsMember(
    sender: SignalSender,
    { message, ...frame }: Omit<SignalFrame, 'message'> & { readonly message: MemberMessage },
  ): void {
    if (message.type === 'signal') this.#relay(sender, { ...frame, message })
    else if (message.type === 'check-host') checkHost(this.#context, sender, message.host)
    else if (message.type === 'update') this.#update(sender, message)
    else this.#change(sender, message)
  }

  #join(message: JoinMessage): void {
    const request = { connection: this.id, account: this.#account, context: this.#context }
    const decision = authorizeJoin(message, request)
    if (!(decision instanceof Promise)) {
      this.#applyDecision(message.room, decision)
      return
    }
    this.#context.joinDeadlines.delete(this)
    this.#setState(checkingState)
    decision
      .then((late) => this.#state === checkingState && this.#applyDecision(message.room, late))
      .catch((error: unknown) => this.handlerFailed(error))
  }

  #applyDecision(room: string, decision: JoinDecision): void {
    const { joinDeadlines, rooms } = this.#context
    if (decision.type === 'accepted') {
      const { join, grant } = decision
      joinDeadlines.delete(this)
      this.#grant = grant
      this.#setState({ name: 'joining', room, id: join.id })
      rooms.dispatch(room, join)
      return
    }
    if (this.#state === checkingState) this.#startJoinDeadline()
    this.#setState(newState)
    this.writer.sendError(decision.error)
    if (decision.closeCode !== null) this.close(decision.closeCode)
  }

  #update(sender: SignalSender, { type: _, ...update }: UpdateMessage): void {
    const context = this.#context
    const [limits, grant, now] = [this.#limits, this.#grant, context.now()]
    this.#pauseReading(limits.spendUpdateFrame(context.tuning, now), now)
    this.#updates ??= new MemberUpdates({ context, sender, limits, grant })
    this.#updates.add(update, now)
  }

  #change(sender: SignalSender, message: Parameters<typeof changeInput>[0]): void {
    const input = changeInput(message, sender, this.#grant)
    if (input === null) this.#sendError('unauthorized', message)
    else this.#dispatch(sender.room, input)
  }

  #relay(sender: SignalSender, frame: SignalFrame): void {
    const failure = relaySignal(this.#context, { sender, frame })
    if (typeof failure === 'string') this.#sendError(failure, frame.message)
    else void failure?.then((code) => code === null || this.#sendError(code, frame.message))
  }

  /** Returns false, and sends an error, when the client is over its rate limit. */
  #takeFromLimit(type: ClientMessage['type'], now: Millis): boolean {
    // The updates of a member wait instead.
    if (type === 'update' && this.isMember) return true
    const retryAfterMs = this.#limits.take(this.#context.tuning, type, now)
    if (retryAfterMs === 0) return true
    this.writer.sendError({ code: 'rate-limited', retryAfterMs, about: type })
    if (this.#limits.countRejection(now)) this.close(closeCodes.rateLimitAbused)
    return false
  }

  #rejectFrame(failure: DecodeFailure, now: Millis): void {
    this.writer.sendError(failure)
    if (this.#limits.countBadMessage(now)) this.close(closeCodes.badProtocol)
  }

  #sendError(code: ErrorCode, { type }: ClientMessage): void {
    this.writer.sendError({ code, about: type })
  }

  /**
   * Moves to `closing` from any state and tells the room. While joining, it reports a loss too,
   * because its join may already be on the way to the room.
   */
  #startClosing(type: 'lost' | 'leave', absence: Absence = 'lost'): void {
    const { attachment } = this
    const { joinDeadlines, readPauses, bus } = this.#context
    if (this.#state.name === 'new') joinDeadlines.delete(this)
    readPauses.end(this)
    this.#updates?.withdraw()
    this.#setState(closingState)
    if (attachment === null) return
    bus.cancelRetransmits(this.id)
    this.#dispatch(attachment.room, departInput(attachment, type, absence))
  }

  #setState(state: State): void {
    const [from, to] = [roomOf(this.#state), roomOf(state)]
    this.#state = state
    if (from !== to) this.#context.connections.move(this, from, to)
  }

  #startJoinDeadline(): void {
    const { joinDeadlines, heartbeat, now } = this.#context
    joinDeadlines.add(this, heartbeat.clock(now()))
  }

  #noteSeen(): Millis {
    const now = this.#context.now()
    this.#liveness.seen(this.#context.heartbeat.clock(now))
    return now
  }

  #pauseReading(forMs: Millis, now: Millis): void {
    if (forMs > 0) this.#context.readPauses.pause(this, now + forMs)
  }

  #dispatch(room: string, input: RoomInput): void {
    this.#context.rooms.dispatch(room, { input, mayCreate: false })
  }
}

type MemberMessage = Exclude<ClientMessage, { type: 'join' | 'leave' | 'away' | 'ping' | 'pong' }>
