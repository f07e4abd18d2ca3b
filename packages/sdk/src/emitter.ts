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
      if (signal?.aborted) return () => {}
      // A function of its own, so that the same listener may be added twice and taken off once.
      const entry: typeof listener = (event) => listener(event)
      listeners[name] ??= new Set()
      listeners[name].add(entry)
      const off = () => {
        signal?.removeEventListener('abort', off)
        listeners[name]?.delete(entry)
      }
      signal?.addEventListener('abort', off)
      return off
    },
    emit: (name, event) => {
      for (const listener of [...(listeners[name] ?? [])]) {
        // One that an earlier listener took off is not called any more.
        if (listeners[name]?.has(listener)) guarded(() => listener(event))
      }
    },
  }
}

/** Runs code that is not ours; what it throws is reported, as the platform does for listeners. */
export const guarded = (task: () => void): void => {
  try {
    task()
  } catch (error) {
    reportUncaught(error)
  }
}

/** Shows an error that nobody can catch, where the platform shows such. */
export const reportUncaught = (error: unknown): void => {
  // Node has no `reportError` (checked with 24).
  if (typeof reportError === 'function') reportError(error)
  else console.error(error)
}
