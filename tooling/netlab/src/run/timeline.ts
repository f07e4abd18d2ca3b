import { setTimeout } from 'node:timers/promises'
import type { FaultTimes } from '../measure/measure-link.ts'
import type { FaultRow } from '../rows/row.ts'
import { act, type Scene } from './act.ts'

type Marks = Omit<FaultTimes, 'endAt'>

/** Runs the steps of a row at their times. */
export class Timeline {
  /** Resolves when the path is back; at the end if no step marks it. */
  readonly back: Promise<void>
  readonly done: Promise<void>
  #marks: Marks = { faultAt: Date.now(), backAt: null, serverBackAt: null }

  constructor(scene: Required<Scene>, { steps, expects }: FaultRow) {
    const back = Promise.withResolvers<void>()
    this.back = back.promise
    // Healing depends on where the timers of the SDK stand when the path comes back.
    const shiftMs = expects === 'heal' ? scene.random() * maxShiftMs : 0
    this.done = this.#run(scene, { steps, shiftMs, onBack: back.resolve })
    this.done.then(back.resolve, back.reject)
  }

  get marks(): Marks {
    return this.#marks
  }

  async #run(scene: Scene, { steps, shiftMs, onBack }: Plan): Promise<void> {
    const { faultAt } = this.#marks
    let laterMs = 0
    for (const { atS, marks, ...action } of steps) {
      if (marks !== undefined && atS > 0) laterMs = shiftMs
      await setTimeout(Math.max(0, faultAt + atS * 1_000 + laterMs - Date.now()))
      const at = await act(scene, action)
      if (marks === 'back') {
        this.#marks = { ...this.#marks, backAt: at }
        onBack()
      }
      if (marks === 'server-back') this.#marks = { ...this.#marks, serverBackAt: at }
    }
  }
}

interface Plan {
  readonly steps: FaultRow['steps']
  readonly shiftMs: number
  readonly onBack: () => void
}

const maxShiftMs = 1_200
