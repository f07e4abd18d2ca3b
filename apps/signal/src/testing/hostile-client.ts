import { decodeServer, maxServerFrameBytes, type PeerId } from '@skein/protocol'
import { pick, type Random, randomBelow } from '@skein/protocol/testing'
import { fuzzMessage, type KnownValues, validJoin } from './fuzz-messages.ts'
import { opcodes, RawSocket } from './raw-socket.ts'

/** State that the hostile clients of one run share. */
export interface FuzzRun {
  readonly port: number
  readonly random: Random
  readonly ids: PeerId[]
  readonly tokens: string[]
  readonly joinTokens: KnownValues['joinTokens']
  /** Protocol violations by the server. */
  readonly faults: string[]
  /** The message types and error codes that the server sent. */
  readonly received: Set<string>
}

/** A client that mixes valid traffic with malformed messages and WebSocket violations. */
export class HostileClient {
  readonly #run: FuzzRun
  readonly #raw: RawSocket
  readonly #mutationRate: number

  private constructor(run: FuzzRun, raw: RawSocket) {
    this.#run = run
    this.#raw = raw
    this.#mutationRate = pick(run.random, [0, 0.02, 0.2, 0.8])
  }

  static async connect(run: FuzzRun): Promise<HostileClient> {
    const listener = {
      text: (text: string) => recordMessage(run, text),
      fault: (description: string) => void run.faults.push(description),
    }
    const headers = { 'X-Forwarded-For': pick(run.random, spoofedForwardedFor) }
    const client = new HostileClient(run, await RawSocket.open(run.port, { listener, headers }))
    if (run.random() < 0.8) client.#raw.frame(validJoin(run.random, run))
    return client
  }

  get isOpen(): boolean {
    return this.#raw.isOpen
  }

  /** Sends one frame, a fragmented message, or a WebSocket violation. */
  sendNext(): void {
    const { random } = this.#run
    if (random() < this.#mutationRate * 0.2) this.#violateProtocol()
    else if (random() < 0.04) this.#sendFragmented()
    else this.#raw.frame(this.#text())
  }

  drop(): void {
    this.#raw.drop()
  }

  #text(): string {
    const { random } = this.#run
    const known: KnownValues = this.#run
    return fuzzMessage(random, { known, mutationRate: this.#mutationRate })
  }

  /** Sends fragments with pings in between, sometimes without the last one. */
  #sendFragmented(): void {
    const { random } = this.#run
    const bytes = Buffer.from(this.#text())
    const count = 2 + randomBelow(random, random() < 0.1 ? 100 : 5)
    const size = Math.ceil(bytes.length / count)
    for (let index = 0; index < count; index += 1) {
      const isLast = index === count - 1
      if (isLast && random() < 0.2) return
      this.#raw.frame(bytes.subarray(index * size, (index + 1) * size), {
        opcode: index === 0 ? opcodes.text : opcodes.continuation,
        isFinal: isLast,
      })
      if (random() < 0.2) this.#raw.frame('ping', { opcode: opcodes.ping })
    }
  }

  #violateProtocol(): void {
    const { random } = this.#run
    const raw = this.#raw
    const noise = Buffer.from(
      Array.from({ length: randomBelow(random, 300) }, () => randomBelow(random, 256)),
    )
    const violations: readonly (() => void)[] = [
      () => raw.frame(noise, { opcode: opcodes.binary }),
      () => raw.frame(noise),
      () => raw.frame(noise.subarray(0, 125), { opcode: opcodes.ping }),
      () => raw.frame(noise.subarray(0, 125), { opcode: opcodes.pong }),
      () => raw.frame(noise, { opcode: opcodes.ping }),
      () => raw.frame(noise.subarray(0, 125), { opcode: opcodes.close }),
      () => raw.frame(this.#text(), { reserved: 1 + randomBelow(random, 7) }),
      () => raw.frame(this.#text(), { opcode: 3 + randomBelow(random, 13) }),
      () => raw.frame(this.#text(), { isMasked: false }),
      () => raw.frame(this.#text(), { opcode: opcodes.continuation }),
      () => raw.frame(this.#text(), { claimedLength: 2 ** 40 }),
      () => raw.frame('x'.repeat(64 * 1024 + randomBelow(random, 3) - 1)),
      () => raw.bytes(noise),
      () => void raw.socket.pause(),
      () => void raw.socket.resume(),
      () => void raw.socket.end(),
      () => raw.drop(),
    ]
    pick(random, violations)()
  }
}

/** A long run would collect too many; the latest suffice. */
const maxRemembered = 24

const recordMessage = (run: FuzzRun, text: string): void => {
  const decoded = decodeServer(text)
  if (!decoded.ok) run.faults.push(`invalid message: ${text.slice(0, 200)}`)
  if (Buffer.byteLength(text) > maxServerFrameBytes) run.faults.push('oversized frame')
  if (!decoded.ok) return
  const message = decoded.value
  run.received.add(message.type === 'error' ? message.code : message.type)
  if (message.type !== 'welcome') return
  remember(run.ids, message.self.id)
  remember(run.tokens, message.resume)
}

const remember = <Value>(list: Value[], value: Value): void => {
  list.push(value)
  if (list.length > maxRemembered) list.splice(reservedCount, 1)
}

/** The first entries, which include those of the bystanders, are never replaced. */
const reservedCount = 8

/** The last address is the one that the proxy appended; the client can forge all others. */
const spoofedForwardedFor = [
  '198.51.100.1',
  '127.0.0.1, 198.51.100.2',
  '::1, 2001:db8:1::1',
  'unknown, 2001:db8:2::1',
  `${'10.0.0.1, '.repeat(500)}198.51.100.3`,
  '"; for=x, ::ffff:198.51.100.4',
  'nonsense',
  '',
  ',,,,',
]
