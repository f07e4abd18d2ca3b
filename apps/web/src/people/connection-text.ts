import type { Person } from '../lib/people.ts'
import { m } from '../paraglide/messages.js'

type Link = NonNullable<Person['link']>

/** How the visitor is connected to a person, as a sentence. */
export function connectionText(person: Pick<Person, 'isSelf' | 'isOnline' | 'link'>): string {
  if (person.isSelf) return m.this_is_you()
  if (!person.isOnline) return m.away_hint()
  return person.link === null ? m.connection_none() : linkText(person.link)
}

function linkText(link: Link): string {
  switch (link.state) {
    case 'open':
      return openText(link)
    case 'connecting':
      return m.connection_connecting()
    case 'repairing':
      return m.connection_repairing()
    case 'failed':
      return m.connection_failed()
  }
}

const ways = {
  direct: m.connection_direct,
  relay: m.connection_relay,
  via: m.connection_via,
} as const

function openText({ path, rttMs }: Link): string {
  const way = path === null ? m.connection_open() : ways[path]()
  return rttMs === null ? way : m.connection_round_trip({ way, ms: Math.round(rttMs) })
}
