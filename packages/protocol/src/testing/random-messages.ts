import { peerId } from '../ids.ts'
import type { ClientMessage, Presence, SignalData } from '../messages.ts'
import { candidateOf, joinOf, offerOf } from './fixtures.ts'
import { pick, type Random, randomBelow } from './random.ts'

/** Valid room names that careless code mishandles. */
export const oddRoomNames: readonly string[] = [
  '__proto__',
  'constructor',
  '../../etc/passwd',
  'a/b?c#d',
  '🦢🦢🦢',
  'غرفة',
  '‮evil',
  ' ',
  'null',
  'ü'.repeat(64),
  '\'"`<>&;',
]

/** A random valid client message with unusual values. */
export const randomClientMessage = (random: Random): ClientMessage => {
  const id = peerId(`peer-${randomBelow(random, 8)}`)
  const type = pick(random, clientTypes)
  switch (type) {
    case 'join':
      return joinOf({ room: pick(random, oddRoomNames), presence: randomPresence(random) })
    case 'signal':
      return { type, to: id, data: randomSignalData(random) }
    case 'update':
      return { type, presence: randomPresence(random), canHost: random() < 0.5 }
    case 'transfer-host':
      return { type, to: id }
    case 'kick':
      return { type, id, reason: random() < 0.5 ? null : 'rude' }
    case 'ping':
      return { type, id: randomBelow(random, 1_000) }
    case 'leave':
      return { type }
  }
}

/** A description or a candidate with random link ids. */
export const randomSignalData = (random: Random): SignalData => {
  const data = random() < 0.5 ? offerOf() : candidateOf(random() < 0.2 ? null : 'candidate:1')
  const remote = random() < 0.5 ? null : 'remote-link'
  return { ...data, link: { local: `link-${randomBelow(random, 100)}`, remote } }
}

/** A presence with unusual values, sometimes `null`. */
export const randomPresence = (random: Random): Presence | null =>
  random() < 0.2 ? null : { name: pick(random, oddRoomNames), at: random(), list: [null, {}] }

const clientTypes = [
  'join',
  'signal',
  'update',
  'transfer-host',
  'kick',
  'ping',
  'leave',
] as const satisfies readonly ClientMessage['type'][]
