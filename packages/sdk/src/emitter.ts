import type { On } from './api.ts'

/** Listeners by event name; `emit` stays with the owner, `on` is handed out. */
export interface Emitter<Events> {
  readonly on: On<Events>
  readonly emit: <Name extends keyof Events>(name: Name, event: Events[Name]) => void
}

/** A listener that throws is reported as an uncaught error and stops no other listener. */
export const createEmitter = <Events>(): Emitter<Events> => {
  const listeners: { [Name in keyof Events]?: Set<(event: Events[Name]) => void> } = {}
  return {
    on: (name, listener, { signal } = {}) => {
      // A function of its own, so that the same listener may be added twice and taken off once.
      const entry: typeof listener = (event) => listener(event)
      const off = () => {
        signal?.removeEventListener('abort', off)
        listeners[name]?.delete(entry)
      }
      listeners[name] ??= new Set()
      listeners[name].add(entry)
      signal?.addEventListener('abort', off)
      if (signal?.aborted) off()
      return off
    },
    emit: (name, event) => {
      const all = listeners[name]
      // One that an earlier listener took off is not called any more; one that it added, not yet.
      for (const listener of [...(all ?? [])])
        if (all?.has(listener)) guarded(() => listener(event))
    },
  }
}

/** Runs code that is not ours; what it throws is reported, as the platform does for listeners. */
export const guarded = (task: () => void): void => {
  try {
    task()
  } catch (error) {
    // Node has no `reportError` (checked with 24).
    if (typeof reportError === 'function') reportError(error)
    else console.error(error)
  }
}
