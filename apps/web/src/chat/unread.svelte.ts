import { on } from 'svelte/events'
import { createSubscriber } from 'svelte/reactivity'

/** Counts messages received while the visitor is not reading the chat. */
export class Unread {
  count = $state(0)
  /** Whether the page shows the chat. */
  isChatShown = $state(true)
  readonly #subscribe = createSubscriber((update) => on(document, 'visibilitychange', update))

  get isReading(): boolean {
    this.#subscribe()
    return this.isChatShown && !document.hidden
  }

  add(): void {
    if (!this.isReading) this.count += 1
  }
}
