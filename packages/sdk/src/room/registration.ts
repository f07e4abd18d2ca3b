import type { Handler, Room } from '../api.ts'

/** A task added with `asHost`. */
export interface HostTask {
  readonly task: Parameters<Room['asHost']>[0]
}

/** A handler added with `handle`. */
export interface NamedHandler {
  readonly name: string
  readonly handler: Handler
}

/** What an application has registered. The room stores it; the lazy features run it. */
export type Registration = HostTask | NamedHandler
