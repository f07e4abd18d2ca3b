export interface PageHandlers {
  /** The network or the page is back: check whether the connections work. */
  readonly probe: () => void
  /** The page is going away. One in the back/forward cache may come back: `pageshow` follows. */
  readonly hide: (isCached: boolean) => void
}

/** Watches the page's events, if there are any (Node has none); returns an unsubscribe function. */
export const watchPage = ({ probe, hide }: PageHandlers): (() => void) => {
  const stop = new AbortController()
  const { signal } = stop
  for (const name of ['online', 'pageshow', 'visibilitychange', 'pagehide']) {
    const listener = (event: Event & { persisted?: boolean }) => {
      if (name === 'pagehide') hide(event.persisted === true)
      else if (!globalThis.document?.hidden) probe()
    }
    globalThis.addEventListener?.(name, listener, { signal })
  }
  return () => stop.abort()
}
