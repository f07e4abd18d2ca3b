import { type Member, peerId } from '@skein/protocol'
import { afterEach, expect, test, vi } from 'vitest'
import type { LinkStatus } from '../api.ts'
import { emitChanges, emptyRoster, nextRoster, type Roster, snapshot } from './roster.ts'

afterEach(() => vi.restoreAllMocks())

const member = (name: string, change: Partial<Member> = {}): Member => ({
  id: peerId(name),
  joinOrder: 1,
  presence: { name },
  canHost: true,
  priority: 0,
  online: true,
  ...change,
})

const link = (change: Partial<LinkStatus> = {}): LinkStatus => ({
  state: 'open',
  path: null,
  via: null,
  rttMs: null,
  reason: null,
  ...change,
})

const welcomed = (roster: Roster, peers: readonly Member[]): Roster =>
  nextRoster(roster, {
    type: 'welcome',
    v: 1,
    self: member('me'),
    room: 'blue-door',
    epoch: 1,
    revision: 1,
    term: 1,
    host: peerId('me'),
    peers,
    resume: '',
    resumed: false,
    iceServers: [],
    limits: {
      maxFrameBytes: 1,
      maxPresenceBytes: 1,
      maxMembers: 1,
      signalsPerSecond: 1,
      signalsBurst: 1,
      updatesPerSecond: 1,
      updatesBurst: 1,
      memberGraceMs: 1,
      hostGraceMs: 1,
      reloadGraceMs: 1,
    },
  })

/** The presences that were turned into text. */
const recordTexts = () => {
  const texts: unknown[] = []
  const stringify = JSON.stringify.bind(JSON)
  vi.spyOn(JSON, 'stringify').mockImplementation((value: unknown) => {
    texts.push(value)
    return stringify(value)
  })
  return () => texts.filter((value) => stringify(value)?.includes('name'))
}

test('a link event turns no presence into text, also after a welcome with the same members', () => {
  const peers = () => ['ann', 'ben', 'cid'].map((name) => member(name))
  const none = { ...emptyRoster, me: member('') }
  let roster = welcomed(none, peers())
  let reported = snapshot(roster, emptyRoster, () => link())
  roster = welcomed(roster, peers())
  reported = snapshot(roster, reported, () => link())
  const presences = recordTexts()
  for (let rttMs = 1; rttMs < 50; rttMs += 1) {
    reported = snapshot(roster, reported, () => link({ rttMs }))
  }
  expect(presences()).toEqual([])
})

test('peers that have not changed stay the same objects, and cause no event', () => {
  const none = { ...emptyRoster, me: member('') }
  const roster = welcomed(none, [member('ann'), member('ben')])
  const status = link()
  const before = snapshot(roster, emptyRoster, () => status)
  const later = welcomed(roster, [member('ann'), member('ben', { online: false })])
  const after = snapshot(later, before, () => status)
  const events: unknown[] = []
  emitChanges(before, after, (name, event) => void events.push([name, Reflect.get(event, 'peer')]))
  expect(after.peers.get(peerId('ann'))).toBe(before.peers.get(peerId('ann')))
  expect(events).toEqual([['peerupdate', after.peers.get(peerId('ben'))]])
})

test('a presence that is another object with the same content is no change', () => {
  const none = { ...emptyRoster, me: member('') }
  const roster = welcomed(none, [member('ann')])
  const next = nextRoster(roster, { type: 'peer-updated', revision: 2, peer: member('ann') })
  expect(next.peers.get(peerId('ann'))).toBe(roster.peers.get(peerId('ann')))
  const moved = member('ann', { presence: { name: 'ann', x: 1 } })
  const changed = nextRoster(next, { type: 'peer-updated', revision: 3, peer: moved })
  expect(changed.peers.get(peerId('ann'))?.presence).toEqual({ name: 'ann', x: 1 })
})
