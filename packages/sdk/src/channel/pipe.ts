import type { SkeinErrorCode } from '@skein/protocol'
import { type Carrier, mainLabel, type PeerLink } from '../link/link.ts'
import { FrameWriter, frameVersion, recordTypes } from './frame.ts'
import { type Hello, Inbox, type InboxEvents, type Incoming } from './inbox.ts'
import { frameBytes, Outbox } from './outbox.ts'
import type { Message, Outgoing } from './outgoing.ts'

export interface PipeOptions {
  /** The largest message I take. */
  readonly maxMessageBytes: number
  readonly random: () => number
  readonly carrier: PeerLink['carrier']
  readonly message: (message: Incoming) => void
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
/** Of a Blob, read at once. */
const blockBytes = 1024 * 1024
/** Tells the sender what has arrived after so much, so that it may forget it. */
const confirmBytes = 64 * 1024
const confirmMessages = 32

/** Messages to and from one peer, for as long as its link: connections come and go beneath it. */
export class Pipe {
  readonly #options: PipeOptions
  readonly #outbox = new Outbox()
  readonly #writer = new FrameWriter()
  readonly #sides = new Map<string, Carrier>()
  readonly #asked = new Map<number, Outgoing>()
  readonly #reading = new Set<Outgoing>()
  readonly #session: number
  readonly #events: InboxEvents
  #inbox: Inbox
  #main: Carrier | null = null
  /** The other end's session; 0 before it has said hello. */
  #known = 0
  #isReachable = true
  #isPumping = false
  #askIds = 0
  #received = 0
  /** Since the other end was told: messages and bytes. */
  #untold = { messages: 0, bytes: 0 }
  #owesHello = false

  constructor(options: PipeOptions) {
    this.#options = options
    this.#session = 1 + Math.floor(options.random() * 2 ** 48)
    this.#events = {
      hello: (hello) => this.#greeted(hello),
      message: (message) => {
        this.#received += 1
        this.#untold.messages += 1
        options.message(message)
      },
    }
    this.#inbox = this.#newInbox(this.#events)
  }

  /** `null` when it was refused at once; `settled` has said why. */
  send(message: Message, { asksAnswer, accepted, settled }: SendHandlers): Outgoing | null {
    const refusal = this.#refusal(message)
    if (refusal) {
      settled(refusal)
      return null
    }
    const askId = asksAnswer ? ++this.#askIds : 0
    const item: Outgoing = { message, askId, accepted, settled, offset: -1, block: null }
    if (askId) this.#asked.set(askId, item)
    if (!this.#sendAside(item)) this.#outbox.push(item)
    this.#pumpSoon()
    return item
  }

  /** Takes back what was not handed over whole; `settled` is not called any more. */
  cancel(item: Outgoing): void {
    this.#asked.delete(item.askId)
    this.#outbox.cancel(item)
    this.#pumpSoon()
  }

  /** The other end says what became of a message. */
  answered(id: unknown, code: SkeinErrorCode | null): void {
    const item = this.#asked.get(Number(id))
    this.#asked.delete(Number(id))
    item?.settled(code)
  }

  opened(main: Carrier): void {
    this.#main = main
    main.ondrain = () => this.#pump()
    this.#inbox = this.#newInbox(this.#events)
    this.#outbox.restart()
    this.#owesHello = true
    this.#pump()
  }

  interrupted(): void {
    this.#main = null
    this.#sides.clear()
  }

  frame(label: string, frame: Uint8Array<ArrayBuffer>): void {
    // What comes by a carrier of its own stands alone, and is not counted.
    const { message } = this.#options
    const aside = { hello: () => {}, message }
    const inbox = label === mainLabel ? this.#inbox : this.#newInbox(aside)
    const wrong = inbox.receive(frame)
    if (wrong) this.#options.violated(wrong)
    const { messages, bytes } = this.#untold
    this.#untold.bytes = bytes + frame.length
    if (messages === 0 || (bytes < confirmBytes && messages < confirmMessages)) return
    this.#owesHello = true
    this.#pumpSoon()
  }

  /** While the link counts as failed, or is closed, nothing waits for it: `code` says why. */
  setReachable(isReachable: boolean, code: SkeinErrorCode = 'peer-unreachable'): void {
    this.#isReachable = isReachable
    if (isReachable) return
    for (const item of new Set([...this.#outbox.waiting(), ...this.#asked.values()])) {
      this.#drop(item, code)
    }
  }

  #refusal({ size, label }: Message): SkeinErrorCode | null {
    const max = this.#outbox.maxMessageBytes
    if (!this.#isReachable) return 'peer-unreachable'
    if (max > 0 && size > max) return 'too-large'
    return this.#outbox.hasRoomFor(size, label) ? null : 'queue-full'
  }

  #drop(item: Outgoing, code: SkeinErrorCode): void {
    this.cancel(item)
    item.settled(code)
  }

  #newInbox(events: InboxEvents): Inbox {
    return new Inbox(this.#options.maxMessageBytes, events)
  }

  /** The first on each connection; those that follow confirm. */
  #greeted({ maxMessageBytes, session, counted, received }: Hello): void {
    const outbox = this.#outbox
    const isFirst = outbox.maxMessageBytes === 0
    const isAnew = this.#known > 0 && session !== this.#known
    if (isAnew) {
      // What it did before is unknown: nothing of that goes again.
      this.#received = 0
      outbox.forget()
    }
    this.#known = session
    // One that does not know this session has received nothing of it.
    if (counted === this.#session && !outbox.confirm(received)) {
      this.#options.violated('count of what was never sent')
    }
    if (isFirst) outbox.replay()
    outbox.maxMessageBytes = maxMessageBytes
    for (const item of isFirst ? outbox.waiting() : []) {
      if (item.message.size > maxMessageBytes) this.#drop(item, 'too-large')
    }
    this.#pumpSoon()
  }

  /**
   * By a carrier of the channel's own, once that is open; before, and for what does not fit in a
   * frame, by the main carrier, which promises more than was asked for.
   */
  #sendAside(item: Outgoing): boolean {
    const { carrier, label, size, body } = item.message
    if (!carrier || body instanceof Blob || size + 1024 > frameBytes) return false
    const side = this.#sides.get(label) ?? (this.#main && this.#options.carrier(carrier))
    if (!side) return false
    this.#sides.set(label, side)
    if (!side.isOpen || side.bufferedAmount > highWaterBytes) return false
    const alone = new Outbox()
    alone.maxMessageBytes = size + 1
    alone.push(item)
    const writer = new FrameWriter()
    alone.fill(writer, frameBytes * 2)
    side.send(writer.finish())
    queueMicrotask(item.accepted)
    return true
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
  }

  /** `false` when there is nothing to send. */
  #pumpFrame(main: Carrier): boolean {
    const writer = this.#writer
    if (this.#owesHello) {
      const { maxMessageBytes } = this.#options
      const numbers = [frameVersion, maxMessageBytes, this.#session, this.#known, this.#received]
      writer.write(recordTypes.hello, numbers)
      this.#owesHello = false
      this.#untold = { messages: 0, bytes: 0 }
    }
    const { finished, hungry } = this.#outbox.fill(
      writer,
      Math.min(frameBytes, main.maxMessageSize),
    )
    for (const item of hungry) this.#read(item)
    if (writer.length === 0) return false
    try {
      main.send(writer.finish())
    } catch {
      // It closed under our feet; all of this goes again on the connection that replaces it.
      this.#main = null
    }
    for (const item of finished) item.accepted()
    return true
  }

  /** Reads the next piece of a Blob; other messages go on meanwhile. */
  #read(item: Outgoing): void {
    const { body } = item.message
    if (this.#reading.has(item) || !(body instanceof Blob)) return
    this.#reading.add(item)
    const at = item.offset
    const done = (buffer: ArrayBuffer | null) => {
      this.#reading.delete(item)
      if (buffer) item.block = { at, bytes: new Uint8Array(buffer) }
      // The file changed on disk, or is gone.
      else this.#drop(item, 'bad-argument')
      this.#pumpSoon()
    }
    body
      .slice(at, at + blockBytes)
      .arrayBuffer()
      .then(done, () => done(null))
  }
}
