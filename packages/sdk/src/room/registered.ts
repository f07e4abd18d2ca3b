import type { Handler, Room } from '../api.ts'

/** A task of `asHost`. */
export interface Duty {
  readonly task: Parameters<Room['asHost']>[0]
}

/** An answer of `handle`. */
export interface NamedHandler {
  readonly name: string
  readonly handler: Handler
}

/** What the application wants to be run when it is time. The room keeps it, the features run it. */
export type Registered = Duty | NamedHandler
