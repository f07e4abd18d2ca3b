import { m } from '../paraglide/messages.js'
import type { Happening } from './timeline.svelte.ts'

/** What happened, as a sentence in the visitor's language. */
export function sentence(what: Happening): string {
  switch (what.type) {
    case 'welcome':
      return m.event_welcome()
    case 'away':
      return m.event_away()
    case 'back':
      return m.event_back()
    case 'joined':
      return m.event_joined({ name: what.name })
    case 'left':
      return m.event_left({ name: what.name })
    case 'lost':
      return m.event_lost({ name: what.name })
    case 'kicked':
      return m.event_kicked({ name: what.name })
    case 'host':
      return hostSentence(what)
  }
}

function hostSentence({ name, isMe, term }: Extract<Happening, { type: 'host' }>): string {
  if (isMe) return m.event_host_me({ term })
  return name === null ? m.event_no_host({ term }) : m.event_host({ name, term })
}
