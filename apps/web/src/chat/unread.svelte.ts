import { on } from 'svelte/events'
import { createSubscriber } from 'svelte/reactivity'

/** The first message that the visitor has not read. */
interface FirstUnread {
  readonly key: string
  readonly at: Date
}

/** What was received while the visitor was not reading the chat. */
export class Unread {
  count = $state(0)
  /** Where the line "new since" is; it stays until there is something newer that was not read. */
  first = $state.raw<FirstUnread | null>(null)
  /** Whether the page shows the chat. */
  isChatShown = $state(true)
  /** Whether the end of the chat is in view. */
  isAtEnd = $state(true)
  readonly #subscribe = createSubscriber((update) => on(document, 'visibilitychange', update))

  get isReading(): boolean {
    this.#subscribe()
    return this.isChatShown && this.isAtEnd && !document.hidden
  }

  add(message: FirstUnread): void {
    if (this.isReading) return
    if (this.count === 0) this.first = message
    this.count += 1
  }

  /** The visitor has answered, and so has read everything. */
  answered(): void {
    this.count = 0
    this.first = null
  }
}
