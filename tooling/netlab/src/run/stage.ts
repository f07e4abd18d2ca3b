import type { Browser, BrowserKind, Tab } from '../browsers/browser.ts'
import { launchChromium } from '../browsers/chromium.ts'
import { launchFirefox } from '../browsers/firefox.ts'
import { cpuSecondsOf } from '../network/cpu.ts'
import { Namespaces } from '../network/namespaces.ts'
import { type Families, Network, noFault, servers } from '../network/network.ts'
import { clientOf, type Side } from '../network/sides.ts'
import type { Row } from '../rows/row.ts'
import { bundlePage, servePage } from '../servers/page-server.ts'
import { type ServerKind, signalPort } from '../servers/server-kind.ts'
import { SignalServers } from '../servers/signal-servers.ts'
import { TurnServer } from '../servers/turn-server.ts'
import type { Label } from './label.ts'

export interface StageOptions {
  readonly sides: readonly Side[]
  readonly families: Families
  readonly serverFamily: 'ip4' | 'ip6'
  readonly hasCables: boolean
  readonly isThrottled: boolean
  readonly kinds: readonly ServerKind[]
  /** Those of A and B; all others are Chromium. */
  readonly browsers: readonly BrowserKind[]
  readonly turnTtlS: number
  /** Each way, on the cable of each side. */
  readonly delayMs: number
  readonly isLanShared: boolean
  /** Chromium asks before it uses the local network: who may. `null`: it does not ask. */
  readonly localNetwork: readonly Side[] | null
}

/** A network with servers and browsers, on which rows run one after the other. */
export class Stage implements Disposable {
  readonly options: StageOptions
  readonly network: Network
  readonly turn: TurnServer
  readonly signaling: SignalServers
  readonly #pageUrl: string
  readonly #browsers = new Map<Side, Browser>()

  private constructor(options: StageOptions, network: Network, pageUrl: string) {
    this.options = options
    this.network = network
    this.#pageUrl = pageUrl
    this.turn = new TurnServer(network)
    const { kinds, turnTtlS } = options
    this.signaling = new SignalServers(network, { kinds, turnTtlS, turnSecret: this.turn.secret })
  }

  static async start(options: StageOptions): Promise<Stage> {
    const namespaces = new Namespaces()
    try {
      const network = await Network.start(namespaces, options)
      const pageUrl = await servePage(network, await bundlePage(namespaces.directory))
      const stage = new Stage(options, network, pageUrl)
      await Promise.all([
        stage.turn.start(),
        stage.signaling.start(),
        stage.restoreCables(),
        stage.startBrowsers(),
      ])
      return stage
    } catch (error) {
      namespaces.remove()
      throw error
    }
  }

  kindOf(side: Side): BrowserKind {
    const { browsers, sides } = this.options
    return browsers[sides.indexOf(side)] ?? 'chromium'
  }

  /** Labels a result of a row. */
  label({ name }: Row, { kind, run }: Pick<Label, 'kind' | 'run'>): Label {
    const { sides, delayMs } = this.options
    return { row: name, kind, run, browsers: sides.map((side) => this.kindOf(side)), delayMs }
  }

  /** Where a room is joined whose members get these ICE servers. */
  signalUrl(kind: ServerKind): string {
    return `ws://${this.network.serverAddress}:${signalPort(kind)}/ws`
  }

  /** Starts the browsers that are not running: a row may have killed one. */
  async startBrowsers(): Promise<void> {
    await Promise.all(this.options.sides.map((side) => this.#startBrowser(side)))
  }

  async openTab(side: Side): Promise<Tab> {
    const browser = this.#browsers.get(side)
    if (!browser) throw new Error(`${side} has no browser`)
    return browser.openTab(this.#pageUrl)
  }

  /** How long the processors have worked for the browser of a side that is running. */
  cpuSeconds(side: Side): number {
    return this.network.namespaces
      .pids(clientOf(side))
      .map(cpuSecondsOf)
      .reduce((sum, one) => sum + one, 0)
  }

  /** Brings back the delay that all rows share. */
  async restoreCables(): Promise<void> {
    const { hasCables, sides, delayMs } = this.options
    if (!hasCables) return
    await Promise.all(sides.map((side) => this.network.cableOf(side).set({ delayMs })))
  }

  /** Starts the servers that a row has killed or hidden. */
  async restoreServers(): Promise<void> {
    this.network.namespaces.nft(servers, noFault)
    if (!this.signaling.isRunning) await this.signaling.start()
    if (!this.turn.isServing) await this.turn.restart()
  }

  /** Kills all processes of the laboratory. */
  [Symbol.dispose](): void {
    this.network.namespaces.remove()
  }

  async #startBrowser(side: Side): Promise<void> {
    if (this.#browsers.get(side)?.isRunning()) return
    const { isThrottled, localNetwork } = this.options
    const launch = this.kindOf(side) === 'firefox' ? launchFirefox : launchChromium
    const browser = await launch({
      namespaces: this.network.namespaces,
      side,
      origin: new URL(this.#pageUrl).origin,
      caKeyHash: this.turn.certificate.caKeyHash,
      isThrottled: isThrottled && side === 'A',
      mayUseLan: localNetwork === null ? null : localNetwork.includes(side),
    })
    this.#browsers.set(side, browser)
  }
}
