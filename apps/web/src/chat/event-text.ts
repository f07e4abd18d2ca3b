import { m } from '../paraglide/messages.js'
import type { RoomEvent } from './timeline.svelte.ts'

/** The text for a room event, in the visitor's language. */
export function eventText(event: RoomEvent): string {
  switch (event.type) {
    case 'welcome':
      return m.event_welcome()
    case 'away':
      return m.event_away()
    case 'back':
      return m.event_back()
    case 'joined':
      return m.event_joined({ name: event.name })
    case 'left':
      return m.event_left({ name: event.name })
    case 'lost':
      return m.event_lost({ name: event.name })
    case 'kicked':
      return m.event_kicked({ name: event.name })
    case 'flood':
      return m.event_flood({ name: event.name })
    case 'host':
      return hostText(event)
  }
}

function hostText({ name, isMe, term }: Extract<RoomEvent, { type: 'host' }>): string {
  if (isMe) return m.event_host_me({ term })
  return name === null ? m.event_no_host({ term }) : m.event_host({ name, term })
}
