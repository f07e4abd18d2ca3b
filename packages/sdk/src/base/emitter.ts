import type { On } from '../api.ts'

/** Listeners by event name. The owner keeps `emit` and hands out `on`. */
export interface Emitter<Events> {
  readonly on: On<Events>
  readonly emit: <Name extends keyof Events>(name: Name, event: Events[Name]) => void
}

/** An emitter whose owner needs to know who listens, and what became of an event. */
export interface ObservedEmitter<Events> extends Emitter<Events> {
  readonly hasListeners: boolean
  /** Returns what the listeners returned; `listenerFailed` for each that threw. */
  readonly emit: <Name extends keyof Events>(name: Name, event: Events[Name]) => readonly unknown[]
}

/** The result of a listener that threw. */
export const listenerFailed: unique symbol = Symbol()

interface Entry<Events> {
  readonly name: keyof Events
  readonly listener: (event: never) => unknown
}

/** Creates an emitter. An exception in a listener is reported and does not stop the others. */
export const createEmitter = <Events>(): ObservedEmitter<Events> => {
  const entries = new Set<Entry<Events>>()
  return {
    get hasListeners() {
      return entries.size > 0
    },
    on: (name, listener, { signal } = {}) => {
      const entry = { name, listener }
      const off = () => {
        signal?.removeEventListener('abort', off)
        entries.delete(entry)
      }
      entries.add(entry)
      signal?.addEventListener('abort', off)
      if (signal?.aborted) off()
      return off
    },
    emit: (name, event) => {
      // Listeners removed during this event are skipped; listeners added during it are not called.
      const results: unknown[] = []
      for (const entry of [...entries]) {
        const isMatch = entry.name === name && entries.has(entry)
        // The type of `on` guarantees that the listener accepts this event.
        if (isMatch) results.push(guarded(() => entry.listener(event as never)))
      }
      return results
    },
  }
}

/** Runs application code; reports what it throws, as the platform does for event listeners. */
export const guarded = (task: () => unknown): unknown => {
  try {
    return task()
  } catch (error) {
    return reportFailure(error)
  }
}

/** Reports what a listener threw, or what its promise rejected with. */
export const reportFailure = (error: unknown): typeof listenerFailed => {
  // Node has no `reportError` (checked with 24).
  const report = globalThis.reportError ?? console.error
  report(error)
  return listenerFailed
}
