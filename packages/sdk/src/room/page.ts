export interface PageHandlers {
  /** The network or the page is back: check whether the connections work. */
  readonly probe: () => void
  /** The page is going away and will not come back. */
  readonly leave: () => void
}

/** Watches the page's events, if there are any (Node has none); returns an unsubscribe function. */
export const watchPage = ({ probe, leave }: PageHandlers): (() => void) => {
  const stop = new AbortController()
  const { signal } = stop
  for (const name of ['online', 'pageshow', 'visibilitychange', 'pagehide']) {
    const listener = (event: Event & { persisted?: boolean }) => {
      // A page in the back/forward cache may come back with its connections.
      if (name === 'pagehide') event.persisted || leave()
      else if (!globalThis.document?.hidden) probe()
    }
    globalThis.addEventListener?.(name, listener, { signal })
  }
  return () => stop.abort()
}
