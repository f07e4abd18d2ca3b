/** The results of one run of one contestant, by figure. */
export type Figures = Readonly<Record<string, number>>

export interface Figure {
  /** Includes the unit. */
  readonly label: string
  readonly digits: number
  /** `runs`: in how many runs it was above zero; `alone`: a median without a ratio. */
  readonly as?: 'runs' | 'alone'
}

/** Where one contestant runs repeatedly. */
export interface Place {
  readonly run: () => Promise<Figures>
  /** A remark on the latest run that figures cannot express. */
  readonly note?: () => string | null
  readonly close: () => Promise<void>
}

/** `Stage` is the environment that all contestants of a bench share, `Name` their names. */
export interface Scenario<Name extends string = string, Stage = unknown> {
  readonly name: string
  /** One line for the report. */
  readonly about: string
  readonly contestants: readonly Name[]
  readonly figures: Readonly<Record<string, Figure>>
  /** Limits the number of rounds, where more would take too long. */
  readonly maxRounds?: number
  /** Runs longer than this have failed. */
  readonly timeoutMs: number
  /** Why it cannot run on this machine, or `null`. */
  readonly whyNot?: () => string | null
  readonly open: (stage: Stage, contestant: Name) => Promise<Place>
}
