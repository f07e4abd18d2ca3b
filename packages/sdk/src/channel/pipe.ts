import type { SkeinErrorCode } from '@skein/protocol'
import { type Carrier, mainLabel, type PeerLink } from '../link/link.ts'
import { BlobReader } from './blob-reader.ts'
import { FrameWriter, frameVersion, recordTypes } from './frame.ts'
import { type Hello, Inbox, type InboxEvents, type Incoming } from './inbox.ts'
import { Outbox } from './outbox.ts'
import { type Outcome, outcomeCode, outcomeNumber } from './outcomes.ts'
import type { Message, Outgoing } from './outgoing.ts'
import { SideCarrier, sidePrefix } from './side-carrier.ts'

export interface PipeOptions {
  /** The largest message I take. */
  readonly maxMessageBytes: number
  readonly random: () => number
  readonly carrier: PeerLink['carrier']
  readonly message: (message: Incoming) => void
  /** The other end says whether it needs the link. */
  readonly wanted: (isWanted: boolean) => void
  /** It broke the rules, in words. */
  readonly violated: (reason: string) => void
}

/** What one send hears of one peer. */
export interface SendHandlers {
  readonly asksAnswer: boolean
  readonly accepted: () => void
  readonly settled: (code: SkeinErrorCode | null) => void
}

/** Shallow queues in the browser: deep ones make it drop packets, and make small messages wait. */
const highWaterBytes = 256 * 1024
const frameBytes = 64 * 1024
/** Tells the sender what has arrived after so much, so that it may forget it. */
const confirmBytes = 64 * 1024
const confirmMessages = 32
/** More waiting than this, and the other end makes us answer without ever reading. */
const maxControls = 10_000
/** Channels with a carrier of their own, for one peer. */
const maxSides = 256

/** Messages to and from one peer, for as long as its link: connections come and go beneath it. */
export class Pipe {
  readonly #options: PipeOptions
  readonly #outbox = new Outbox()
  readonly #writer = new FrameWriter()
  readonly #inboxes = new Map<string, Inbox>()
  readonly #sides = new Map<string, SideCarrier>()
  readonly #asked = new Map<number, Outgoing>()
  readonly #session: number
  readonly #blobs = new BlobReader({
    read: () => this.#pumpSoon(),
    // The file changed on disk, or is gone.
    failed: (item) => this.#drop(item, 'bad-argument'),
  })
  #main: Carrier | null = null
  /** The other end's session; 0 before it has said hello. */
  #known = 0
  #isWanted = true
  #isReachable = true
  #isPumping = false
  #askIds = 0
  #received = 0
  #told = { received: 0, bytes: 0 }

  constructor(options: PipeOptions) {
    this.#options = options
    this.#session = 1 + Math.floor(options.random() * 2 ** 48)
  }

  /** `null` when it was refused at once; `settled` has said why. */
  send(message: Message, { asksAnswer, accepted, settled }: SendHandlers): Outgoing | null {
    const refusal = this.#refusal(message)
    if (refusal) {
      settled(refusal)
      return null
    }
    this.#askIds += asksAnswer ? 1 : 0
    const item: Outgoing = {
      message,
      askId: asksAnswer ? this.#askIds : null,
      accepted,
      settled,
      offset: -1,
      block: null,
    }
    if (item.askId !== null) this.#asked.set(item.askId, item)
    if (message.carrier) this.#side(message.label, message.carrier).push(item)
    else this.#outbox.push(item)
    this.#pumpSoon()
    return item
  }

  /** Takes back what was not handed over whole; `settled` is not called any more. */
  cancel(item: Outgoing): void {
    if (item.askId !== null) this.#asked.delete(item.askId)
    if (item.message.carrier) this.#sides.get(item.message.label)?.cancel(item)
    else this.#outbox.cancel(item)
    this.#pumpSoon()
  }

  answer(id: number, outcome: Outcome): void {
    const numbers = [id, outcomeNumber(outcome)]
    this.#outbox.push({ record: { type: recordTypes.answer, numbers } })
    this.#pumpSoon()
  }

  /** Tells the other end whether this one needs the link. */
  want(isWanted: boolean): void {
    if (isWanted === this.#isWanted) return
    this.#isWanted = isWanted
    if (this.#main) this.#control(recordTypes.want, [isWanted ? 1 : 0])
  }

  opened(main: Carrier): void {
    this.#main = main
    main.ondrain = () => this.#pump()
    this.#inboxes.clear()
    this.#outbox.restart()
    this.#told = { received: this.#received, bytes: 0 }
    const { maxMessageBytes } = this.#options
    const numbers = [frameVersion, maxMessageBytes, this.#session, this.#known, this.#received]
    this.#control(recordTypes.hello, numbers)
    if (!this.#isWanted) this.#control(recordTypes.want, [0])
    for (const side of this.#sides.values()) side.pump()
  }

  interrupted(): void {
    this.#main = null
    for (const side of this.#sides.values()) side.interrupted()
  }

  frame(label: string, frame: Uint8Array<ArrayBuffer>): void {
    if (label !== mainLabel && !label.startsWith(sidePrefix)) return
    const isTooMany = this.#inboxes.size > maxSides && !this.#inboxes.has(label)
    const wrong = isTooMany ? 'too many carriers' : this.#inbox(label).receive(frame)
    if (wrong) this.#options.violated(wrong)
    else this.#confirm(frame.length)
  }

  /** While the link counts as failed nothing waits for it. */
  setReachable(isReachable: boolean): void {
    this.#isReachable = isReachable
    if (!isReachable) this.#settleAll('peer-unreachable')
  }

  close(code: SkeinErrorCode): void {
    this.#isReachable = false
    this.#main = null
    this.#settleAll(code)
  }

  #refusal({ size }: Message): SkeinErrorCode | null {
    const max = this.#outbox.maxMessageBytes
    if (!this.#isReachable) return 'peer-unreachable'
    if (max > 0 && size > max) return 'too-large'
    return this.#outbox.hasRoomFor(size + 64) ? null : 'queue-full'
  }

  #settleAll(code: SkeinErrorCode): void {
    const sides = [...this.#sides.values()].flatMap((side) => side.waiting())
    const items = new Set([...this.#outbox.waiting(), ...sides, ...this.#asked.values()])
    for (const item of items) this.#drop(item, code)
  }

  #inbox(label: string): Inbox {
    let inbox = this.#inboxes.get(label)
    if (!inbox) {
      inbox = new Inbox({
        maxBytes: this.#options.maxMessageBytes,
        label: label === mainLabel ? null : label.slice(sidePrefix.length),
        events: label === mainLabel ? this.#mainEvents : this.#sideEvents,
      })
      this.#inboxes.set(label, inbox)
    }
    return inbox
  }

  readonly #mainEvents: InboxEvents = {
    hello: (hello) => {
      if (this.#outbox.maxMessageBytes > 0) this.#options.violated('second hello')
      else this.#greeted(hello)
    },
    message: (message) => {
      this.#received += 1
      this.#options.message(message)
    },
    answered: (id, outcome) => {
      this.#received += 1
      const item = this.#asked.get(id)
      this.#asked.delete(id)
      item?.settled(outcomeCode(outcome))
    },
    confirmed: (count) => this.#confirmed(count),
    wanted: (isWanted) => this.#options.wanted(isWanted),
  }

  /** A side carrier carries messages and nothing else: they are not counted. */
  readonly #sideEvents: InboxEvents = {
    hello: () => {},
    message: (message) => this.#options.message(message),
    answered: () => {},
    confirmed: () => {},
    wanted: () => {},
  }

  #greeted({ maxMessageBytes, session, counted, received }: Hello): void {
    const outbox = this.#outbox
    if (session !== this.#known) {
      this.#known = session
      this.#received = 0
      this.#told = { received: 0, bytes: 0 }
    }
    if (counted === this.#session) {
      this.#confirmed(received)
      outbox.replay()
    } else outbox.forget()
    outbox.maxMessageBytes = maxMessageBytes
    for (const item of outbox.waiting()) {
      if (item.message.size > maxMessageBytes) this.#drop(item, 'too-large')
    }
    this.#pumpSoon()
  }

  #drop(item: Outgoing, code: SkeinErrorCode): void {
    this.cancel(item)
    item.settled(code)
  }

  #confirmed(count: number): void {
    if (!this.#outbox.confirm(count)) this.#options.violated('count of what was never sent')
    this.#pumpSoon()
  }

  #confirm(bytes: number): void {
    this.#told.bytes += bytes
    const fresh = this.#received - this.#told.received
    if (fresh === 0 || (this.#told.bytes < confirmBytes && fresh < confirmMessages)) return
    this.#told = { received: this.#received, bytes: 0 }
    this.#control(recordTypes.received, [this.#received])
  }

  #control(type: number, numbers: readonly number[]): void {
    this.#outbox.control({ type, numbers })
    this.#pumpSoon()
  }

  #side(label: string, options: NonNullable<Message['carrier']>): SideCarrier {
    let side = this.#sides.get(label)
    if (!side) {
      side = new SideCarrier(() => (this.#main ? this.#options.carrier(options) : null))
      this.#sides.set(label, side)
    }
    return side
  }

  /** What is sent in one turn travels together. */
  #pumpSoon(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    queueMicrotask(() => {
      this.#isPumping = false
      this.#pump()
    })
  }

  #pump(): void {
    while (this.#main?.isOpen && this.#main.bufferedAmount < highWaterBytes) {
      if (!this.#pumpFrame(this.#main)) break
    }
    if (this.#outbox.controlCount > maxControls) this.#options.violated('flood of questions')
  }

  /** `false` when there is nothing to send. */
  #pumpFrame(main: Carrier): boolean {
    const limit = Math.min(frameBytes, main.maxMessageSize)
    const { finished, hungry } = this.#outbox.fill(this.#writer, limit)
    for (const item of hungry) this.#blobs.read(item)
    if (this.#writer.length === 0) return false
    try {
      main.send(this.#writer.finish())
    } catch {
      // It closed under our feet; all of this goes again on the connection that replaces it.
      this.#main = null
    }
    for (const item of finished) if (!('record' in item)) item.accepted()
    return true
  }
}
