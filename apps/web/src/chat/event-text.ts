import { language } from '../lib/locale.svelte.ts'
import { m } from '../paraglide/messages.js'
import type { RoomEvent } from './entries.ts'

/** How many people a line names; the others are counted. */
const maxNames = 3

/** The text for a room event that happened to these people, in the visitor's language. */
export function eventText(event: RoomEvent, names?: readonly string[]): string {
  const who = () => listOf(names ?? ('name' in event && event.name !== null ? [event.name] : []))
  switch (event.type) {
    case 'away':
      return m.event_away()
    case 'back':
      return m.event_back()
    case 'joined':
      return m.event_joined({ name: who() })
    case 'left':
      return m.event_left({ name: who() })
    case 'lost':
      return m.event_lost({ name: who() })
    case 'kicked':
      return m.event_kicked({ name: who() })
    case 'flood':
      return m.event_flood({ name: who() })
    case 'member-away':
      return m.event_member_away({ name: who() })
    case 'member-back':
      return m.event_member_back({ name: who() })
    case 'host':
      if (event.isMe) return m.event_host_me()
      return event.name === null ? m.event_no_host() : m.event_host({ name: event.name })
  }
}

/** "Ann", "Ann and Bo", "Ann, Bo and 3 others". */
function listOf(names: readonly string[]): string {
  const named = names.length > maxNames ? names.slice(0, maxNames - 1) : names
  const others = names.length - named.length
  return language.list(others > 0 ? [...named, m.others({ count: others })] : named)
}
