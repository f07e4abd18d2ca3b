/** What one run of one contestant showed, by name of the figure. */
export type Figures = Readonly<Record<string, number>>

export interface Figure {
  /** With its unit. */
  readonly label: string
  readonly digits: number
  /** `runs`: in how many runs it was above zero; `alone`: a median that is not compared. */
  readonly as?: 'runs' | 'alone'
}

/** Where one contestant runs again and again. */
export interface Place {
  readonly run: () => Promise<Figures>
  /** What figures cannot say of the latest run. */
  readonly note?: () => string | null
  readonly close: () => Promise<void>
}

/** `Stage` is what all contestants of a bench run on, `Name` what they are called. */
export interface Scenario<Name extends string = string, Stage = unknown> {
  readonly name: string
  /** One line for the report. */
  readonly about: string
  readonly contestants: readonly Name[]
  readonly figures: Readonly<Record<string, Figure>>
  /** In place of what was asked for, where more would take too long. */
  readonly maxRounds?: number
  /** Runs longer than this have failed. */
  readonly timeoutMs: number
  /** Why it cannot be run on this machine, or `null`. */
  readonly whyNot?: () => string | null
  readonly open: (stage: Stage, contestant: Name) => Promise<Place>
}
