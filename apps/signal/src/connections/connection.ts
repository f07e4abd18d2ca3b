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
} from '@skein/protocol'
import type { ResumeClaims, RoomEffect, RoomInput } from '@skein/protocol/room'
import type { WebSocket } from 'ws'
import { everybody, type Grant } from '../auth/grant.ts'
import type { AddressAccount } from '../limits/address-ledger.ts'
import { FrameLimits } from '../limits/frame-limits.ts'
import type { Attachment } from '../rooms/resync.ts'
import { errorFields } from '../telemetry/log.ts'
import type { SocketHandler } from '../wire/handled-socket.ts'
import { SocketWriter } from '../wire/socket-writer.ts'
import { binaryFrame } from '../wire/text-frame.ts'
import { authorizeJoin, type JoinDecision } from './authorize-join.ts'
import type { ConnectionContext } from './connection-context.ts'
import {
  attachmentOf,
  isChecking,
  isClosing,
  isNew,
  type SignalSender,
  type State,
} from './connection-state.ts'
import { relaySignal, type SignalFrame } from './relay-signal.ts'
import { changeInput } from './room-inputs.ts'

export interface ConnectionOptions {
  readonly id: ConnectionId
  readonly socket: WebSocket
  /** What the socket writes to. */
  readonly stream: Duplex
  readonly account: AddressAccount | null
  readonly context: ConnectionContext
}

/** One client and what it may do. It owns no timer and no closure: there are many of it. */
export class Connection implements SocketHandler {
  readonly id: ConnectionId
  readonly writer: SocketWriter
  /** Where the heartbeat keeps it. */
  slice = 0
  readonly #account: AddressAccount | null
  readonly #context: ConnectionContext
  readonly #limits = new FrameLimits()
  #state: State = isNew
  #seenAt: Millis
  #pingedAt: Millis
  #renewIceAt: Millis | null = null
  /** Of its latest join. */
  #grant: Grant = everybody

  constructor({ id, socket, stream, account, context }: ConnectionOptions) {
    const now = context.now()
    this.id = id
    const { writeBatcher, metrics } = context
    this.writer = new SocketWriter({ socket, stream, batcher: writeBatcher, metrics, slow: this })
    this.#account = account
    this.#context = context
    this.#seenAt = now
    this.#pingedAt = now
    context.joinDeadlines.add(this, now)
  }

  get isMember(): boolean {
    return this.#state.name === 'joined'
  }

  /** The room it is in or waits for. */
  get attachment(): Attachment | null {
    return attachmentOf(this.id, this.#state)
  }

  receive(bytes: Buffer, isBinary: boolean): void {
    const now = this.#context.now()
    this.#seenAt = now
    if (this.#state.name === 'closing') return
    const text = isBinary ? '' : bytes.toString()
    const decoded = isBinary ? binaryFrame : decodeClient(text)
    if (!decoded.ok) this.#answerBad(decoded.error, now)
    else if (this.#mayCome(decoded.value.type, now)) {
      this.#handle(decoded.value, { bytes, text })
    }
  }

  /** A WebSocket ping is answered, but not without end. */
  receivePing(data: Buffer): void {
    const now = this.#context.now()
    this.#seenAt = now
    if (this.#state.name !== 'closing' && this.#mayCome('ping', now)) this.writer.pong(data)
  }

  /** One that nobody asked for is a frame like any other. */
  receivePong(): void {
    const now = this.#context.now()
    this.#seenAt = now
    if (!this.#limits.takePong() && this.#state.name !== 'closing') this.#mayCome('ping', now)
  }

  /** The socket is closed, whoever closed it. */
  closed(): void {
    const { connections, heartbeat, addresses } = this.#context
    connections.delete(this)
    heartbeat.delete(this)
    addresses.release(this.#account)
    this.writer.closed()
    this.#toClosing('lost')
  }

  handlerFailed(error: unknown): void {
    this.#context.log.error(errorFields(error), 'frame handler failed')
    this.writer.sendError({ code: 'bad-message', about: null })
  }

  /** Passes a signal of another member on; false when this connection cannot take it. */
  relay(frame: Buffer): boolean {
    if (this.#state.name !== 'joined' || !this.writer.sendFrame(frame)) return false
    this.#context.metrics.relayedSignals += 1
    this.#context.metrics.relayedBytes += frame.length
    return true
  }

  /** The core took this connection in, or tells it the whole truth anew. */
  welcome({ message, claims }: Extract<RoomEffect, { type: 'welcome' }>): void {
    if (this.#state.name === 'closing') return
    const { limits, now, tokens, metrics, ice } = this.#context
    const self = message.self.id
    if (this.#state.name === 'joining') metrics.joined(message.resumed ? 'resumed' : 'fresh')
    // Who is told again is nobody new: a share that is used up takes no relay away.
    const account = this.isMember ? null : this.#account
    const sender = { connection: this.id, room: message.room, self }
    this.#state = { name: 'joined', sender }
    const { iceServers, renewAt } = ice(self, account)
    this.#renewIceAt = renewAt
    this.writer.send({ ...message, resume: tokens.sign(claims, now()), iceServers, limits })
  }

  /** The core gave a fresh resume token. */
  renew(claims: ResumeClaims): void {
    const { tokens, now } = this.#context
    this.writer.send({ type: 'resume', resume: tokens.sign(claims, now()) })
  }

  /** The core did not take this connection in: it may try again. */
  refuse(message: ErrorMessage): void {
    if (this.#state.name !== 'joining') return
    this.#state = isNew
    this.#context.joinDeadlines.add(this, this.#context.now())
    this.writer.sendErrorMessage(message)
  }

  /** Closes from our side. Afterwards nothing that comes is heard. */
  end(code: CloseCode | 1000, reason = ''): void {
    if (this.#state.name === 'closing') return
    this.#toClosing('lost')
    this.writer.close(code, reason)
  }

  cutOff(): void {
    this.end(closeCodes.slowConsumer)
  }

  missDeadline(): void {
    this.writer.sendError({ code: 'timeout', message: 'No join came in time.', about: null })
    this.end(closeCodes.heartbeatLost)
  }

  goAway(reconnectWithinMs: Millis): void {
    this.writer.send({ type: 'goaway', reason: 'The server restarts.', reconnectWithinMs })
  }

  /** The heartbeat's turn. */
  visit(now: Millis): void {
    const { pingEveryMs, lostAfterMs } = this.#context.tuning
    if (this.#state.name === 'closing') return
    if (now - this.#seenAt >= lostAfterMs) {
      this.end(closeCodes.heartbeatLost)
      return
    }
    if (now - this.#pingedAt >= pingEveryMs) {
      this.#pingedAt = now
      this.#limits.pingSent()
      this.writer.ping()
    }
    if (this.#renewIceAt !== null && now >= this.#renewIceAt) this.#renewIce(this.#state)
  }

  #renewIce(state: State): void {
    if (state.name !== 'joined') return
    const { iceServers, renewAt, isComplete } = this.#context.ice(state.sender.self, this.#account)
    this.#renewIceAt = renewAt
    // What the member has is still good for a while: less would take a relay away from it.
    if (isComplete) this.writer.send({ type: 'ice-servers', iceServers })
  }

  #handle(message: ClientMessage, frame: Omit<SignalFrame, 'message'>): void {
    switch (message.type) {
      case 'join':
        if (this.#state.name === 'new') this.#join(message)
        else this.#answer('already-joined', message)
        break
      case 'leave':
        this.#toClosing('leave')
        this.writer.close(1000)
        break
      case 'ping':
        if (this.#state.name === 'new') this.#answer('not-joined', message)
        else this.writer.send({ type: 'pong', id: message.id })
        break
      case 'signal':
        if (this.#state.name !== 'joined') this.#answer('not-joined', message)
        else this.#signal(this.#state.sender, { ...frame, message })
        break
      default:
        if (this.#state.name !== 'joined') this.#answer('not-joined', message)
        else this.#change(this.#state.sender, message)
    }
  }

  #join(message: JoinMessage): void {
    const request = { connection: this.id, account: this.#account, context: this.#context }
    const decision = authorizeJoin(message, request)
    if (!(decision instanceof Promise)) {
      this.#enter(message.room, decision)
      return
    }
    this.#context.joinDeadlines.delete(this)
    this.#state = isChecking
    decision
      .then((found) => this.#state === isChecking && this.#enter(message.room, found))
      .catch((error: unknown) => this.handlerFailed(error))
  }

  #enter(room: string, decision: JoinDecision): void {
    const { joinDeadlines, rooms, now } = this.#context
    if (decision.type === 'entering') {
      const { joining, grant } = decision
      joinDeadlines.delete(this)
      this.#grant = grant
      this.#state = { name: 'joining', room, id: joining.id }
      rooms.dispatch(room, joining)
      return
    }
    if (this.#state === isChecking) joinDeadlines.add(this, now())
    this.#state = isNew
    this.writer.sendError(decision.error)
    if (decision.close !== null) this.end(decision.close)
  }

  #change(sender: SignalSender, message: Parameters<typeof changeInput>[0]): void {
    const input = changeInput(message, sender, this.#grant)
    if (input === null) this.#answer('unauthorized', message)
    else this.#dispatch(sender.room, input)
  }

  #signal(sender: SignalSender, frame: SignalFrame): void {
    const failure = relaySignal(this.#context, { sender, frame })
    if (failure === null) return
    if (typeof failure === 'string') this.#answer(failure, frame.message)
    else void failure.then((code) => code === null || this.#answer(code, frame.message))
  }

  /** False: it may not, and was told so. */
  #mayCome(type: ClientMessage['type'], now: Millis): boolean {
    const retryAfterMs = this.#limits.take(this.#context.tuning, type, now)
    if (retryAfterMs === 0) return true
    this.writer.sendError({ code: 'rate-limited', retryAfterMs, about: type })
    if (this.#limits.countRejection(now)) this.end(closeCodes.rateLimitAbused)
    return false
  }

  #answerBad(failure: DecodeFailure, now: Millis): void {
    this.writer.sendError(failure)
    if (this.#limits.countBadMessage(now)) this.end(closeCodes.badProtocol)
  }

  #answer(code: ErrorCode, { type }: ClientMessage): void {
    this.writer.sendError({ code, about: type })
  }

  /**
   * Whatever it was, it is closing now, and its room learns of it. One that is joining names itself
   * too: its join may be on the way to the room already.
   */
  #toClosing(type: 'lost' | 'leave'): void {
    const { attachment, id: connection } = this
    if (this.#state.name === 'new') this.#context.joinDeadlines.delete(this)
    this.#state = isClosing
    if (attachment === null) return
    this.#context.bus.cancelRetransmits(connection)
    this.#dispatch(attachment.room, { type, connection, id: attachment.peer })
  }

  #dispatch(room: string, input: RoomInput): void {
    this.#context.rooms.dispatch(room, { input, mayCreate: false })
  }
}
