export interface PageHandlers {
  /** The network has changed, or gone. */
  readonly networkChanged: () => void
  /** The page is back: check whether the connections work. */
  readonly probe: () => void
  readonly visibilityChanged: (isHidden: boolean) => void
  /** The page is going away. One in the back/forward cache may come back: `pageshow` follows. */
  readonly hide: (isCached: boolean) => void
}

/** Watches the page's events, if there are any (Node has none); returns an unsubscribe function. */
export const watchPage = (handlers: PageHandlers): (() => void) => {
  const { networkChanged, probe, visibilityChanged, hide } = handlers
  const stop = new AbortController()
  const { signal } = stop
  const on = (
    target: Pick<EventTarget, 'addEventListener'> | undefined,
    names: readonly string[],
    listener: (event: Event & { persisted?: boolean }) => void,
  ) => {
    for (const name of names) target?.addEventListener?.(name, listener, { signal })
  }
  // `offline` comes at once, `online` a second after the new network.
  on(globalThis, ['offline', 'online'], networkChanged)
  on(Reflect.get(globalThis.navigator ?? {}, 'connection'), ['change'], networkChanged)
  on(globalThis, ['pagehide'], ({ persisted }) => hide(persisted === true))
  on(globalThis, ['pageshow', 'visibilitychange'], () => {
    const isHidden = globalThis.document?.hidden === true
    visibilityChanged(isHidden)
    if (!isHidden) probe()
  })
  return () => stop.abort()
}
