import type { On } from '../api.ts'

/** Listeners by event name; `emit` stays with the owner, `on` is handed out. */
export interface Emitter<Events> {
  readonly on: On<Events>
  readonly emit: <Name extends keyof Events>(name: Name, event: Events[Name]) => void
}

interface Entry<Events> {
  readonly name: keyof Events
  readonly listener: (event: never) => void
}

/** A listener that throws is reported as an uncaught error and stops no other listener. */
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
      // One that an earlier listener took off is not called any more; one that it added, not yet.
      for (const entry of [...entries]) {
        const isMeant = entry.name === name && entries.has(entry)
        // `on` let in only listeners of what goes by that name.
        if (isMeant) guarded(() => entry.listener(event as never))
      }
    },
  }
}

/** Runs code that is not ours; what it throws is reported, as the platform does for listeners. */
export const guarded = (task: () => void): void => {
  try {
    task()
  } catch (error) {
    // Node has no `reportError` (checked with 24).
    const report = globalThis.reportError ?? console.error
    report(error)
  }
}
