import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Identity, MemberLog } from '../../page/member-log.ts'
import type { Tab } from '../browsers/browser.ts'
import type { Side } from '../network/sides.ts'
import type { FaultRow } from '../rows/row.ts'
import type { ServerKind } from '../servers/server-kind.ts'
import type { Stage } from './stage.ts'

/** A member of the room of a trial. */
export interface Member {
  /** The side, with a number if it has several. */
  readonly name: string
  readonly side: Side
  readonly tab: Tab
}

export interface TrialOptions {
  readonly kind: ServerKind
  readonly run: number
}

/** One room that suffers the fault of a row. */
export class Trial {
  readonly kind: ServerKind
  readonly run: number
  readonly members: readonly Member[]
  readonly row: FaultRow

  private constructor(row: FaultRow, members: readonly Member[], { kind, run }: TrialOptions) {
    this.row = row
    this.members = members
    this.kind = kind
    this.run = run
  }

  /** Opens the tabs, joins and waits until numbers arrive on all links. */
  static async open(stage: Stage, row: FaultRow, options: TrialOptions): Promise<Trial> {
    const names = memberNames(row.members ?? ['A', 'B'])
    const members = await Promise.all(
      names.map(async ([side, name]) => ({ side, name, tab: await stage.openTab(side) })),
    )
    const trial = new Trial(row, members, options)
    await trial.#join(stage)
    await trial.#untilFlowing()
    return trial
  }

  /** The pairs of members whose links count. */
  get links(): readonly (readonly [Member, Member])[] {
    const pairs = this.members.flatMap((one, index) =>
      this.members.slice(index + 1).map((other) => [one, other] as const),
    )
    return this.row.links === 'all' ? pairs : pairs.slice(0, 1)
  }

  /** The members that are there after the fault, too. */
  get survivors(): readonly Member[] {
    const gone = this.row.steps.flatMap((step) =>
      'side' in step && isEnd(step.do) ? [step.side] : [],
    )
    return this.members.filter(({ side }) => !gone.includes(side))
  }

  /** Whether every survivor knows that the others are gone. */
  async isOver(): Promise<boolean> {
    const gone = this.members.filter((member) => !this.survivors.includes(member))
    const known = this.survivors.flatMap(({ tab }) =>
      gone.map(({ name }) => tab.call('hasPeer', name)),
    )
    return (await Promise.all(known)).every((isMember) => !isMember)
  }

  /** Whether numbers flow both ways on each link that counts, since then. */
  async isHealed(since: number): Promise<boolean> {
    const sides = this.links.flatMap(([one, other]) => [
      one.tab.call('freshAt', { name: other.name, since }),
      other.tab.call('freshAt', { name: one.name, since }),
    ])
    return (await Promise.all(sides)).every((at) => at !== null)
  }

  identities(): Promise<readonly Identity[]> {
    return this.#all((tab) => tab.call('identity'))
  }

  async stopSending(): Promise<void> {
    await this.#all((tab) => tab.call('stopSending'))
  }

  logs(): Promise<readonly MemberLog[]> {
    return this.#all((tab) => tab.call('log'))
  }

  async close(): Promise<void> {
    const closed = this.members.map(({ tab }) => tab.close())
    // A tab that has crashed never answers.
    await Promise.race([Promise.allSettled(closed), setTimeout(closeWithinMs)])
  }

  #all<Value>(ask: (tab: Tab) => Promise<Value>): Promise<readonly Value[]> {
    return Promise.all(this.survivors.map(({ tab }) => ask(tab)))
  }

  /** Who joins first takes turns: it decides which side is polite. */
  async #join(stage: Stage): Promise<void> {
    const url = stage.signalUrl(this.kind)
    const room = randomUUID()
    const { policy, everyMs = 50 } = this.row
    const order = this.run % 2 === 0 ? this.members : this.members.toReversed()
    for (const { name, tab } of order) {
      const rtc = policy === undefined ? {} : { iceTransportPolicy: policy }
      await tab.call('join', { url, room, name, everyMs, rtc, isRecorded: true })
    }
  }

  async #untilFlowing(): Promise<void> {
    const names = this.members.map(({ name }) => name)
    const deadline = Date.now() + openWithinMs
    for (const { name, tab } of this.members) {
      const others = names.filter((other) => other !== name)
      while (!(await tab.call('isFlowing', others))) {
        if (Date.now() > deadline) throw new Error(`${name}: the links did not open within 20 s`)
        await setTimeout(pollMs)
      }
    }
  }
}

const openWithinMs = 20_000
const pollMs = 50
const closeWithinMs = 3_000

/** Whether a member does not survive an action. */
const isEnd = (action: string): boolean =>
  ['navigate', 'crash-tab', 'kill-browser'].includes(action)

/** `A`, `B`; several of a side are `A1`, `A2`. */
const memberNames = (sides: readonly Side[]): readonly (readonly [Side, string])[] =>
  sides.map((side, index) => {
    const isOnly = sides.filter((other) => other === side).length === 1
    const number = sides.slice(0, index + 1).filter((other) => other === side).length
    return [side, isOnly ? side : `${side}${number}`]
  })
