import { createHash, createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface TurnCredential {
  readonly username: string
  readonly credential: string
}

/**
 * As much of TURN as it takes to be refused, over TCP, where nothing is lost and messages frame
 * themselves. 0 is success, all else the code of the error.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8489 and https://www.rfc-editor.org/rfc/rfc8656
 */
export class TurnClient {
  readonly #socket: Socket
  readonly #user: TurnCredential
  #realm = ''
  #nonce: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket, user: TurnCredential) {
    this.#socket = socket
    this.#user = user
  }

  static async open(port: number, user: TurnCredential): Promise<TurnClient> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const client = new TurnClient(socket, user)
    await client.#learnNonce()
    return client
  }

  /** Asks for a relay of UDP. */
  allocate(family: Family = 'ipv4'): Promise<number> {
    return this.#ask(methods.allocate, () => [
      attribute(types.requestedTransport, udp),
      attribute(types.requestedFamily, Buffer.from([families[family], 0, 0, 0])),
    ])
  }

  /** Asks to send to, and hear from, that address. */
  permit(address: string): Promise<number> {
    return this.#ask(methods.createPermission, (transaction) => [
      attribute(types.xorPeerAddress, xored(address, transaction)),
    ])
  }

  close(): void {
    this.#socket.destroy()
  }

  /** The first request is refused with what the second must be signed with. */
  async #learnNonce(): Promise<void> {
    const attributes = [attribute(types.requestedTransport, udp)]
    const transaction = randomBytes(12)
    const answer = await this.#exchange(
      message({ method: methods.allocate, transaction, attributes }),
    )
    this.#realm = attributeOf(answer, types.realm).toString()
    this.#nonce = attributeOf(answer, types.nonce)
  }

  async #ask(method: number, ask: (transaction: Buffer) => readonly Buffer[]): Promise<number> {
    const transaction = randomBytes(12)
    const attributes = [...ask(transaction), this.#self]
    const answer = await this.#exchange(this.#signed(message({ method, transaction, attributes })))
    if (answer.readUInt16BE(0) === (method | isSuccess)) return 0
    const code = attributeOf(answer, types.errorCode)
    return code.readUInt8(2) * 100 + code.readUInt8(3)
  }

  get #self(): Buffer {
    return Buffer.concat([
      attribute(types.username, Buffer.from(this.#user.username)),
      attribute(types.realm, Buffer.from(this.#realm)),
      attribute(types.nonce, this.#nonce),
    ])
  }

  /** The length in the header already counts the signature that is computed over it. */
  #signed(plain: Buffer): Buffer {
    plain.writeUInt16BE(plain.length - headerBytes + 24, 2)
    const words = [this.#user.username, this.#realm, this.#user.credential]
    const key = createHash('md5').update(words.join(':')).digest()
    const mac = createHmac('sha1', key).update(plain).digest()
    return Buffer.concat([plain, attribute(types.messageIntegrity, mac)])
  }

  async #exchange(request: Buffer): Promise<Buffer> {
    this.#socket.write(request)
    let answer = Buffer.alloc(0)
    while (answer.length < headerBytes || answer.length < headerBytes + answer.readUInt16BE(2)) {
      const [more] = await once(this.#socket, 'data')
      answer = Buffer.concat([answer, more])
    }
    return answer
  }
}

const headerBytes = 20
const cookie = 0x2112a442
const isSuccess = 0x0100
const methods = { allocate: 0x0003, createPermission: 0x0008 }
const types = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  xorPeerAddress: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  requestedFamily: 0x0017,
  requestedTransport: 0x0019,
}
const families = { ipv4: 1, ipv6: 2 }
type Family = keyof typeof families
const udp = Buffer.from([17, 0, 0, 0])

const message = ({ method, transaction, attributes }: Request): Buffer => {
  const body = Buffer.concat(attributes)
  const header = Buffer.alloc(headerBytes - transaction.length)
  header.writeUInt16BE(method, 0)
  header.writeUInt16BE(body.length, 2)
  header.writeUInt32BE(cookie, 4)
  return Buffer.concat([header, transaction, body])
}

interface Request {
  readonly method: number
  readonly transaction: Buffer
  readonly attributes: readonly Buffer[]
}

const attribute = (type: number, value: Buffer): Buffer => {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
  padded.writeUInt16BE(type, 0)
  padded.writeUInt16BE(value.length, 2)
  value.copy(padded, 4)
  return padded
}

/** The value of the attribute of that type; empty when there is none. */
const attributeOf = (answer: Buffer, wanted: number): Buffer => {
  let at = headerBytes
  while (at + 4 <= answer.length) {
    const length = answer.readUInt16BE(at + 2)
    if (answer.readUInt16BE(at) === wanted) return answer.subarray(at + 4, at + 4 + length)
    at += 4 + Math.ceil(length / 4) * 4
  }
  return Buffer.alloc(0)
}

/** Port 9, where nobody listens. */
const xored = (address: string, transaction: Buffer): Buffer => {
  const mask = Buffer.alloc(4 + transaction.length)
  mask.writeUInt32BE(cookie)
  transaction.copy(mask, 4)
  const isIpv6 = address.includes(':')
  const bytes = isIpv6 ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number))
  const family = families[isIpv6 ? 'ipv6' : 'ipv4']
  const head = Buffer.from([0, family, mask.readUInt8(0), 9 ^ mask.readUInt8(1)])
  return Buffer.concat([head, bytes.map((byte, at) => byte ^ mask.readUInt8(at))])
}

const ipv6Bytes = (address: string): Buffer => {
  const [left = '', right = ''] = address.split('::')
  const [head, tail] = [left, right].map((part) => part.split(':').filter((group) => group !== ''))
  const zeros = 8 - (head?.length ?? 0) - (tail?.length ?? 0)
  const groups = [...(head ?? []), ...Array.from({ length: zeros }, () => '0'), ...(tail ?? [])]
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
