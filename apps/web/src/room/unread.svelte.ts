import { on } from 'svelte/events'
import { createSubscriber } from 'svelte/reactivity'

/** Counts what came in while nobody was looking. */
export class Unread {
  count = $state(0)
  /** Whether the chat is in view on the page. */
  isChatShown = $state(true)
  readonly #subscribe = createSubscriber((update) => on(document, 'visibilitychange', update))

  get isLooking(): boolean {
    this.#subscribe()
    return this.isChatShown && !document.hidden
  }

  heard(): void {
    if (!this.isLooking) this.count += 1
  }
}
