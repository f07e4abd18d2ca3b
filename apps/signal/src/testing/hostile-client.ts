import { decodeServer, maxServerFrameBytes, type PeerId } from '@skein/protocol'
import { pick, type Random, randomBelow } from '@skein/protocol/testing'
import { goodJoin, hostileText, type Knowledge } from './hostile-texts.ts'
import { opcodes, RawSocket } from './raw-socket.ts'

/** What the hostile clients of one run share. */
export interface HostileWorld {
  readonly port: number
  readonly random: Random
  readonly ids: PeerId[]
  readonly tokens: string[]
  readonly passes: Knowledge['passes']
  /** What the server said or did that no server may. */
  readonly faults: string[]
  /** The types of messages and the codes of errors that the server said. */
  readonly heard: Set<string>
}

/** Somebody who means harm, or just does not know better. */
export class HostileClient {
  readonly #world: HostileWorld
  readonly #raw: RawSocket
  readonly #wildness: number

  private constructor(world: HostileWorld, raw: RawSocket) {
    this.#world = world
    this.#raw = raw
    this.#wildness = pick(world.random, [0, 0.02, 0.2, 0.8])
  }

  static async connect(world: HostileWorld): Promise<HostileClient> {
    const listener = {
      text: (text: string) => hear(world, text),
      fault: (what: string) => void world.faults.push(what),
    }
    const headers = { 'X-Forwarded-For': pick(world.random, forwardedLies) }
    const client = new HostileClient(world, await RawSocket.open(world.port, { listener, headers }))
    if (world.random() < 0.8) client.#raw.frame(goodJoin(world.random, world))
    return client
  }

  get isOpen(): boolean {
    return this.#raw.isOpen
  }

  /** One frame, or whatever comes instead of one. */
  act(): void {
    const { random } = this.#world
    if (random() < this.#wildness * 0.2) this.#breakRules()
    else if (random() < 0.04) this.#inPieces()
    else this.#raw.frame(this.#text())
  }

  drop(): void {
    this.#raw.drop()
  }

  #text(): string {
    const { random } = this.#world
    const knowledge: Knowledge = this.#world
    return hostileText(random, { knowledge, wildness: this.#wildness })
  }

  /** As fragments, with a ping between them; sometimes the last never comes. */
  #inPieces(): void {
    const { random } = this.#world
    const bytes = Buffer.from(this.#text())
    const count = 2 + randomBelow(random, random() < 0.1 ? 100 : 5)
    const size = Math.ceil(bytes.length / count)
    for (let index = 0; index < count; index += 1) {
      const isLast = index === count - 1
      if (isLast && random() < 0.2) return
      this.#raw.frame(bytes.subarray(index * size, (index + 1) * size), {
        opcode: index === 0 ? opcodes.text : opcodes.more,
        isFinal: isLast,
      })
      if (random() < 0.2) this.#raw.frame('ping', { opcode: opcodes.ping })
    }
  }

  #breakRules(): void {
    const { random } = this.#world
    const raw = this.#raw
    const noise = Buffer.from(
      Array.from({ length: randomBelow(random, 300) }, () => randomBelow(random, 256)),
    )
    const ways: readonly (() => void)[] = [
      () => raw.frame(noise, { opcode: opcodes.binary }),
      () => raw.frame(noise),
      () => raw.frame(noise.subarray(0, 125), { opcode: opcodes.ping }),
      () => raw.frame(noise.subarray(0, 125), { opcode: opcodes.pong }),
      () => raw.frame(noise, { opcode: opcodes.ping }),
      () => raw.frame(noise.subarray(0, 125), { opcode: opcodes.close }),
      () => raw.frame(this.#text(), { reserved: 1 + randomBelow(random, 7) }),
      () => raw.frame(this.#text(), { opcode: 3 + randomBelow(random, 13) }),
      () => raw.frame(this.#text(), { isMasked: false }),
      () => raw.frame(this.#text(), { opcode: opcodes.more }),
      () => raw.frame(this.#text(), { claimedLength: 2 ** 40 }),
      () => raw.frame('x'.repeat(64 * 1024 + randomBelow(random, 3) - 1)),
      () => raw.bytes(noise),
      () => void raw.socket.pause(),
      () => void raw.socket.resume(),
      () => void raw.socket.end(),
      () => raw.drop(),
    ]
    pick(random, ways)()
  }
}

/** The latest suffice: a run is long. */
const maxKnown = 24

const hear = (world: HostileWorld, text: string): void => {
  const decoded = decodeServer(text)
  if (!decoded.ok) world.faults.push(`no message: ${text.slice(0, 200)}`)
  if (Buffer.byteLength(text) > maxServerFrameBytes) world.faults.push('a frame that is too large')
  if (!decoded.ok) return
  const message = decoded.value
  world.heard.add(message.type === 'error' ? message.code : message.type)
  if (message.type !== 'welcome') return
  learn(world.ids, message.self.id)
  learn(world.tokens, message.resume)
}

const learn = <Known>(list: Known[], known: Known): void => {
  list.push(known)
  if (list.length > maxKnown) list.splice(randomKeep, 1)
}

/** The first ones are others', and stay. */
const randomKeep = 8

/** The last is the proxy's own; all before it are the client's words. */
const forwardedLies = [
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
