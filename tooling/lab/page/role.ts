import { seededRandom } from '@skein/protocol/testing'
import type { PeerId, Room } from '@skein/sdk'
import { closeAll } from './watched-connection.ts'

/** Messages to the host, from a tab that gives the role away whenever it has it. */
export interface RoleRun {
  /** Unlike those of the others. */
  readonly name: string
  readonly seed: number
  /** So many more when another tab has gone; until then without end. */
  readonly countAfter: number
  /** Asks to be closed when it has handled so many; `null` for never. */
  readonly closesAfter: number | null
  /** Its connections go first, and with them answers that are on their way. */
  readonly isRude: boolean
}

export interface SentToHost {
  readonly id: string
  readonly ack: boolean
  /** `null` while it is on its way; then `resolved` or the code of its error. */
  outcome: string | null
}

/** What one tab knows of it. */
export interface RoleReport {
  readonly sent: readonly SentToHost[]
  /** Ids, in the order in which they were handled here. */
  readonly handled: readonly string[]
  /** Of those, handled while another was host. */
  readonly handledOutOfOffice: readonly string[]
  moves: number
  isDone: boolean
}

declare global {
  interface Window {
    /** Of the test: closes this tab. */
    closeTab: () => Promise<void>
  }
}

/** Where a tab that is closed leaves its report, for the others to find. */
export const reportKey = (name: string): string => `role report of ${name}`

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? `${error.code}` : `${error}`

export class RoleTab {
  readonly #room: Room
  readonly #run: RoleRun
  readonly #random: () => number
  readonly #sent: SentToHost[] = []
  readonly #handled: string[] = []
  readonly #handledOutOfOffice: string[] = []
  readonly report: RoleReport
  #end = Number.POSITIVE_INFINITY
  /** Messages to handle before the role goes to another. */
  #quota = 0

  constructor(room: Room, run: RoleRun) {
    this.#room = room
    this.#run = run
    this.#random = seededRandom(run.seed)
    const [sent, handled, handledOutOfOffice] = [
      this.#sent,
      this.#handled,
      this.#handledOutOfOffice,
    ]
    this.report = { sent, handled, handledOutOfOffice, moves: 0, isDone: false }
    this.#quota = this.#below(60)
    room.channel<string>('work').on('message', ({ data, from }) => this.#handle(data, from))
    room.on('peerleave', () => {
      this.#end = this.#sent.length + run.countAfter
    })
    room.channel<null>('trip').on('message', () => {})
    // Added after the SDK's own: the room is left by then, and nothing more is handled.
    addEventListener('pagehide', () => {
      localStorage.setItem(reportKey(run.name), JSON.stringify(this.report))
    })
    void this.#send()
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  #handle(id: string, from: string): void {
    const { closesAfter, isRude } = this.#run
    this.#handled.push(id)
    if (!this.#room.isHost) this.#handledOutOfOffice.push(id)
    // One whose sender is told what became of it.
    const isForeign = from !== this.#room.self.id
    if (closesAfter !== null && isForeign && this.#handled.length >= closesAfter) {
      if (isRude) closeAll()
      void window.closeTab()
    }
    this.#quota -= 1
    if (this.#quota !== 0) return
    this.#quota = 1 + this.#below(60)
    void this.#giveAway()
  }

  async #giveAway(): Promise<void> {
    const others = [...this.#room.peers.keys()]
    const next: PeerId | undefined = others[this.#below(others.length)]
    // Refused when the chosen one has just gone: then the role stays, and goes another time.
    const isMoved =
      next &&
      (await this.#room.transferHost(next).then(
        () => true,
        () => false,
      ))
    if (isMoved) this.report.moves += 1
  }

  /**
   * In rows, half of them with an answer asked for. The host handles its own messages at once: a
   * round trip beside each row lets it hear of the others, and of its role.
   */
  async #send(): Promise<void> {
    const work = this.#room.channel<string>('work')
    while (this.#sent.length < this.#end && this.#room.status !== 'closed') {
      const row = Array.from({ length: 1 + this.#below(32) }, (_, index): SentToHost => {
        const id = `${this.#run.name}:${this.#sent.length + index}`
        return { id, ack: this.#random() < 0.5, outcome: null }
      })
      this.#sent.push(...row)
      const sends = row.map(async (one) => {
        const sent = work.send(one.id, { to: 'host', ack: one.ack, timeoutMs: 60_000 })
        one.outcome = await sent.then(() => 'resolved', codeOf)
      })
      await Promise.all([...sends, this.#roundTrip()])
    }
    this.report.isDone = true
  }

  async #roundTrip(): Promise<void> {
    const trip = this.#room.channel<null>('trip').send(null, { ack: true })
    // One of the others may close its tab.
    await trip.catch((error: unknown) => codeOf(error))
  }
}
