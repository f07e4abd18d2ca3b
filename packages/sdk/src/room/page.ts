export interface PageHandlers {
  /** The network or the page is back: look whether everything lives. */
  readonly probe: () => void
  /** The page goes and will not come back. */
  readonly leave: () => void
}

/** Listens to the page, where there is one (Node has none); returns what stops it. */
export const watchPage = ({ probe, leave }: PageHandlers): (() => void) => {
  const stop = new AbortController()
  const { signal } = stop
  for (const name of ['online', 'pageshow', 'visibilitychange', 'pagehide']) {
    const heard = (event: Event & { persisted?: boolean }) => {
      // A page in the back/forward cache may come back with its connections.
      if (name === 'pagehide') event.persisted || leave()
      else if (!globalThis.document?.hidden) probe()
    }
    globalThis.addEventListener?.(name, heard, { signal })
  }
  return () => stop.abort()
}
