import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Network, servers } from '../network/network.ts'
import { publicAddresses } from '../network/sides.ts'
import { type Certificate, makeCertificate } from './certificate.ts'
import { turnPort, turnTlsPort } from './server-kind.ts'
import { killed, untilListening } from './signal-servers.ts'

const configuration = fileURLToPath(
  new URL('../../../../deploy/coturn/turnserver.conf', import.meta.url),
)

/** coturn with the configuration that operators use, as STUN and TURN server. */
export class TurnServer {
  readonly secret: string = randomUUID()
  readonly certificate: Certificate
  readonly #network: Network
  #process: ChildProcess | null = null
  #isServing = false

  constructor(network: Network) {
    this.#network = network
    this.certificate = makeCertificate(network.namespaces.directory, publicAddresses)
  }

  /** Whether it is running and takes the credentials of the signaling server. */
  get isServing(): boolean {
    return this.#isServing
  }

  /** Starts without any allocation. */
  start(): Promise<number> {
    return this.#start(this.secret)
  }

  /** Starts anew with another secret: it refuses every credential with 401. */
  async refuse(): Promise<void> {
    await this.kill()
    await this.#start(randomUUID())
  }

  /** Resolves with the time at which it was listening again. */
  async restart(): Promise<number> {
    await this.kill()
    return this.start()
  }

  async kill(): Promise<void> {
    this.#isServing = false
    if (this.#process) await killed(this.#process)
  }

  async #start(secret: string): Promise<number> {
    const { namespaces } = this.#network
    const options = {
      'tls-listening-port': turnTlsPort,
      'static-auth-secret': secret,
      realm: 'netlab.test',
      cert: this.certificate.certFile,
      pkey: this.certificate.keyFile,
      'log-file': join(namespaces.directory, 'turn.log'),
      pidfile: join(namespaces.directory, 'turn.pid'),
      userdb: join(namespaces.directory, 'turn.db'),
    }
    // The addresses of the laboratory are reserved ones, which the configuration denies.
    const allowed = ['198.51.100.0-198.51.100.255', '2001:db8::-2001:db8::ffff:ffff:ffff:ffff']
    const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`)
    for (const address of this.#network.serverAddresses) {
      flags.push(`--listening-ip=${address}`, `--relay-ip=${address}`)
    }
    flags.push(...allowed.map((range) => `--allowed-peer-ip=${range}`))
    const args = ['turnserver', '-c', configuration, ...flags]
    this.#process = namespaces.spawn(servers, args, { output: 'ignore' })
    const listeningAt = await untilListening(this.#network, [turnPort, turnTlsPort])
    this.#isServing = secret === this.secret
    return listeningAt
  }
}
