import { siteSignalUrl } from '../lib/signal-url.ts'
import type RoomScreen from './RoomScreen.svelte'

let loading: Promise<typeof RoomScreen> | null = null

/** Loads the room and the SDK, which the start page can do without. After a failure it tries again. */
export const loadRoomScreen = (): Promise<typeof RoomScreen> => {
  // Both take a moment on a slow network; joining reports what is wrong.
  void siteSignalUrl().catch(() => {})
  loading ??= import('./RoomScreen.svelte').then(
    (module) => module.default,
    (error) => {
      loading = null
      throw error
    },
  )
  return loading
}

/** Loads it once the page has nothing else to do, so that a room opens at once. */
export const preloadRoomScreen = (): void => {
  // If it fails, the visitor is told on entering a room.
  const preload = () => void loadRoomScreen().catch(() => {})
  // Safari has no idle callbacks (26).
  if ('requestIdleCallback' in window) requestIdleCallback(preload)
  else setTimeout(preload, 500)
}
