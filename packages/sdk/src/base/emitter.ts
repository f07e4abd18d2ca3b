import type { On } from '../api.ts'

/** Listeners by event name. The owner keeps `emit` and hands out `on`. */
export interface Emitter<Events> {
  readonly on: On<Events>
  readonly emit: <Name extends keyof Events>(name: Name, event: Events[Name]) => void
}

interface Entry<Events> {
  readonly name: keyof Events
  readonly listener: (event: never) => void
}

/** Creates an emitter. An exception in a listener is reported and does not stop the others. */
export const createEmitter = <Events>(): Emitter<Events> => {
  const entries = new Set<Entry<Events>>()
  return {
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
      for (const entry of [...entries]) {
        const isMatch = entry.name === name && entries.has(entry)
        // The type of `on` guarantees that the listener accepts this event.
        if (isMatch) guarded(() => entry.listener(event as never))
      }
    },
  }
}

/** Runs application code; reports what it throws, as the platform does for event listeners. */
export const guarded = (task: () => void): void => {
  try {
    task()
  } catch (error) {
    // Node has no `reportError` (checked with 24).
    const report = globalThis.reportError ?? console.error
    report(error)
  }
}
