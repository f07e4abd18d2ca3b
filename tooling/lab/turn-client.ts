import { createHash, createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface TurnCredential {
  readonly username: string
  readonly credential: string
}

/**
 * A minimal TURN client, to test which requests coturn rejects. Uses TCP, so that it needs no
 * retransmission. Its methods resolve with 0 on success, or with the error code.
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
    await client.#fetchNonce()
    return client
  }

  /** Requests an allocation for UDP. */
  allocate(family: Family = 'ipv4'): Promise<number> {
    return this.#request(methods.allocate, () => [
      attribute(types.requestedTransport, udp),
      attribute(types.requestedFamily, Buffer.from([families[family], 0, 0, 0])),
    ])
  }

  /** Requests permission to exchange data with a peer address. */
  createPermission(address: string): Promise<number> {
    return this.#request(methods.createPermission, (transaction) => [
      attribute(types.xorPeerAddress, xorAddress(address, transaction)),
    ])
  }

  close(): void {
    this.#socket.destroy()
  }

  /** The error response to a first, unsigned request contains the realm and nonce to sign with. */
  async #fetchNonce(): Promise<void> {
    const attributes = [attribute(types.requestedTransport, udp)]
    const transaction = randomBytes(12)
    const response = await this.#exchange(
      message({ method: methods.allocate, transaction, attributes }),
    )
    this.#realm = attributeOf(response, types.realm).toString()
    this.#nonce = attributeOf(response, types.nonce)
  }

  async #request(
    method: number,
    attributesFor: (transaction: Buffer) => readonly Buffer[],
  ): Promise<number> {
    const transaction = randomBytes(12)
    const attributes = [...attributesFor(transaction), this.#identity]
    const request = this.#signed(message({ method, transaction, attributes }))
    const response = await this.#exchange(request)
    if (response.readUInt16BE(0) === (method | successBit)) return 0
    const code = attributeOf(response, types.errorCode)
    return code.readUInt8(2) * 100 + code.readUInt8(3)
  }

  get #identity(): Buffer {
    return Buffer.concat([
      attribute(types.username, Buffer.from(this.#user.username)),
      attribute(types.realm, Buffer.from(this.#realm)),
      attribute(types.nonce, this.#nonce),
    ])
  }

  /** The length in the header includes the signature, although the signature covers the header. */
  #signed(unsigned: Buffer): Buffer {
    unsigned.writeUInt16BE(unsigned.length - headerBytes + 24, 2)
    const parts = [this.#user.username, this.#realm, this.#user.credential]
    const key = createHash('md5').update(parts.join(':')).digest()
    const mac = createHmac('sha1', key).update(unsigned).digest()
    return Buffer.concat([unsigned, attribute(types.messageIntegrity, mac)])
  }

  async #exchange(request: Buffer): Promise<Buffer> {
    this.#socket.write(request)
    let response = Buffer.alloc(0)
    while (
      response.length < headerBytes ||
      response.length < headerBytes + response.readUInt16BE(2)
    ) {
      const [more] = await once(this.#socket, 'data')
      response = Buffer.concat([response, more])
    }
    return response
  }
}

const headerBytes = 20
const magicCookie = 0x2112a442
const successBit = 0x0100
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
  header.writeUInt32BE(magicCookie, 4)
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

/** The value of the first attribute of this type; empty if there is none. */
const attributeOf = (response: Buffer, type: number): Buffer => {
  let at = headerBytes
  while (at + 4 <= response.length) {
    const length = response.readUInt16BE(at + 2)
    if (response.readUInt16BE(at) === type) return response.subarray(at + 4, at + 4 + length)
    at += 4 + Math.ceil(length / 4) * 4
  }
  return Buffer.alloc(0)
}

/** The value of XOR-PEER-ADDRESS, with the port 9 (discard). */
const xorAddress = (address: string, transaction: Buffer): Buffer => {
  const mask = Buffer.alloc(4 + transaction.length)
  mask.writeUInt32BE(magicCookie)
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
