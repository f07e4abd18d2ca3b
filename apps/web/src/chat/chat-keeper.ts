import type { Attach } from '../lib/room.svelte.ts'
import { forgetChat, keepChat, readKeptChat } from './kept-chat.ts'
import type { Timeline } from './timeline.svelte.ts'

/** Keeps the chat of this tab when the page is reloaded, and forgets it when the visitor leaves. */
export const keepingChat =
  (room: string, timeline: Timeline): Attach =>
  ({ self }, signal) => {
    const storage = tabStorage()
    if (storage === null) return
    const kept = readKeptChat(storage, room)
    // A tab that was duplicated has a copy of what the other one kept. It is another member.
    if (kept && (kept.self === self.id || isReload())) timeline.restore(kept.messages)
    const keep = () => keepChat(storage, room, { self: self.id, messages: timeline.messages })
    addEventListener('pagehide', keep, { signal })
    // A phone may end a page that is hidden without another event.
    document.addEventListener('visibilitychange', keep, { signal })
    signal.addEventListener('abort', () => forgetChat(storage, room))
  }

/** `null` if the browser blocks it. */
function tabStorage(): Storage | null {
  try {
    return sessionStorage
  } catch {
    return null
  }
}

const isReload = (): boolean =>
  performance
    .getEntriesByType('navigation')
    .some((entry) => 'type' in entry && entry.type === 'reload')
