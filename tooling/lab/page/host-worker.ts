import { seededRandom } from '@skein/protocol/testing'
import type { PeerId, Room } from '@skein/sdk'
import { closeAll } from './watched-connection.ts'

/** What a tab sends to the host, and when it closes. As host, it hands the role on repeatedly. */
export interface HostWorkerPlan {
  /** Unique among the tabs of a test. */
  readonly name: string
  readonly seed: number
  /** The number of messages to send after another tab has closed; until then there is no limit. */
  readonly countAfterClose: number
  /** Closes the tab after it has handled this many messages; `null` for never. */
  readonly closesAfterCount: number | null
  /** Closes the connections before the tab, which loses the acks that are in flight. */
  readonly closesLinksFirst: boolean
}

export interface SentToHost {
  readonly id: string
  readonly ack: boolean
  /** `null` while it is in flight; then `resolved` or an error code. */
  outcome: string | null
}

/** What one tab sent and handled. */
export interface HostWorkerReport {
  readonly sent: readonly SentToHost[]
  /** Message ids, in the order in which this tab handled them. */
  readonly handled: readonly string[]
  /** Those of them that it handled while another peer was host. */
  readonly handledWhenNotHost: readonly string[]
  transfers: number
  isDone: boolean
}

declare global {
  interface Window {
    /** Closes this tab; the test provides it. */
    closeTab: () => Promise<void>
  }
}

/** The key under which a closing tab stores its report in `localStorage`. */
export const reportKey = (name: string): string => `role report of ${name}`

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? `${error.code}` : `${error}`

export class HostWorker {
  readonly #room: Room
  readonly #plan: HostWorkerPlan
  readonly #random: () => number
  readonly #sent: SentToHost[] = []
  readonly #handled: string[] = []
  readonly #handledWhenNotHost: string[] = []
  readonly report: HostWorkerReport
  #end = Number.POSITIVE_INFINITY
  /** Messages to handle before this tab transfers the role. */
  #untilTransfer = 0

  constructor(room: Room, plan: HostWorkerPlan) {
    this.#room = room
    this.#plan = plan
    this.#random = seededRandom(plan.seed)
    const [sent, handled, handledWhenNotHost] = [
      this.#sent,
      this.#handled,
      this.#handledWhenNotHost,
    ]
    this.report = { sent, handled, handledWhenNotHost, transfers: 0, isDone: false }
    this.#untilTransfer = this.#randomBelow(60)
    room.channel<string>('work').on('message', ({ data, from }) => this.#handle(data, from))
    room.on('peerleave', () => {
      this.#end = this.#sent.length + plan.countAfterClose
    })
    room.channel<null>('trip').on('message', () => {})
    // Runs after the SDK's own listener: by then the tab has left the room and handles no more.
    addEventListener('pagehide', () => {
      localStorage.setItem(reportKey(plan.name), JSON.stringify(this.report))
    })
    void this.#send()
  }

  #randomBelow(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  #handle(id: string, from: string): void {
    const { closesAfterCount, closesLinksFirst } = this.#plan
    this.#handled.push(id)
    if (!this.#room.isHost) this.#handledWhenNotHost.push(id)
    // A message of another peer, whose sender learns the outcome.
    const isForeign = from !== this.#room.self.id
    if (closesAfterCount !== null && isForeign && this.#handled.length >= closesAfterCount) {
      if (closesLinksFirst) closeAll()
      void window.closeTab()
    }
    this.#untilTransfer -= 1
    if (this.#untilTransfer !== 0) return
    this.#untilTransfer = 1 + this.#randomBelow(60)
    void this.#transferRole()
  }

  async #transferRole(): Promise<void> {
    const others = [...this.#room.peers.keys()]
    const next: PeerId | undefined = others[this.#randomBelow(others.length)]
    // Rejected if the chosen peer has just left: this tab stays host until the next attempt.
    const isTransferred =
      next &&
      (await this.#room.transferHost(next).then(
        () => true,
        () => false,
      ))
    if (isTransferred) this.report.transfers += 1
  }

  /**
   * Sends in batches; half of the messages ask for an ack. The host handles its own messages at
   * once, so each batch includes a round trip, to let messages of others and host changes arrive.
   */
  async #send(): Promise<void> {
    const work = this.#room.channel<string>('work')
    while (this.#sent.length < this.#end && this.#room.status !== 'closed') {
      const batch = Array.from({ length: 1 + this.#randomBelow(32) }, (_, index): SentToHost => {
        const id = `${this.#plan.name}:${this.#sent.length + index}`
        return { id, ack: this.#random() < 0.5, outcome: null }
      })
      this.#sent.push(...batch)
      const sends = batch.map(async (one) => {
        const sent = work.send(one.id, { to: 'host', ack: one.ack, timeoutMs: 60_000 })
        one.outcome = await sent.then(() => 'resolved', codeOf)
      })
      await Promise.all([...sends, this.#roundTrip()])
    }
    this.report.isDone = true
  }

  async #roundTrip(): Promise<void> {
    const roundTrip = this.#room.channel<null>('trip').send(null, { ack: true })
    // Fails if another tab closes.
    await roundTrip.catch((error: unknown) => codeOf(error))
  }
}
