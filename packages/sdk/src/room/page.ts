export interface PageHandlers {
  /** The network or the page is back: look whether everything lives. */
  readonly probe: () => void
  /** The page goes and will not come back. */
  readonly leave: () => void
}

/** Listens to the page, where there is one; returns what stops it. */
export const watchPage = ({ probe, leave }: PageHandlers): (() => void) => {
  // Node and the like have no page.
  if (typeof addEventListener !== 'function') return () => {}
  const stop = new AbortController()
  const { signal } = stop
  const seen = () => {
    if (typeof document !== 'object' || !document.hidden) probe()
  }
  for (const name of ['online', 'pageshow', 'visibilitychange']) {
    addEventListener(name, seen, { signal })
  }
  addEventListener(
    'pagehide',
    ({ persisted }) => {
      // A page in the back/forward cache may come back with its connections.
      if (!persisted) leave()
    },
    { signal },
  )
  return () => stop.abort()
}
