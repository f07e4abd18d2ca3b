import type { PeerUpdatedMessage } from '@skein/protocol'
import { hostOf, peerIdOf, peerJoinedOf, peerLeftOf, peerUpdatedOf } from '@skein/protocol/testing'
import { expect, test } from 'vitest'
import { accountOf } from './account.ts'
import { checkHistory } from './check-history.ts'
import type { Rule } from './finding.ts'
import type { ClientLog } from './log.ts'
import {
  annAsMember,
  annsReturn,
  annsWelcome,
  benAsMember,
  bensReturn,
  catAsMember,
  pair,
  Scribe,
} from './scribe.fixture.ts'

const rulesBrokenIn = (logs: readonly ClientLog[]): readonly Rule[] => [
  ...new Set(checkHistory(logs).map(({ rule }) => rule)),
]

const benUpdated = (revision: number): PeerUpdatedMessage =>
  peerUpdatedOf({ revision, peer: benAsMember })

test('a history without a fault has no findings', () => {
  const { ann, ben, logs } = pair()
  ann.signals('ben', 1).signals('ben', 2)
  ben.hearsSignal('ann', 1).hearsSignal('ann', 2)
  const away = peerUpdatedOf({ revision: 4, peer: { ...annAsMember, online: false } })
  const back = peerUpdatedOf({ revision: 5, peer: annAsMember })
  ben.hears(away, back)
  ann
    .closes()
    .connects()
    .hears(annsReturn({ revision: 5 }))
  ann.signals('ben', 3)
  ben.hearsSignal('ann', 3)
  const change = hostOf({ revision: 6, previous: annAsMember.id, reason: 'transfer' })
  ann.hears(change)
  ben.hears(change)
  expect(checkHistory(logs())).toEqual([])
})

test('a frame that is not of the protocol is found', () => {
  const { ann, logs } = pair()
  ann.notes({ type: 'garbled', text: '{}' })
  expect(rulesBrokenIn(logs())).toEqual(['only-the-protocol'])
})

test('two hosts of one reign are found, also when one is told by an old connection', () => {
  const { ann, ben, logs } = pair()
  ann.connects().hears(annsReturn({ revision: 4, term: 2, host: benAsMember.id }))
  ben.connects().hears(bensReturn({ revision: 4, term: 2, host: benAsMember.id }))
  const reign = { revision: 4, term: 2, host: annAsMember.id, previous: annAsMember.id } as const
  const other = hostOf({ ...reign, reason: 'transfer' })
  expect(rulesBrokenIn(logs())).toEqual([])
  ben.hearsBy(1, other)
  expect(rulesBrokenIn(logs())).toEqual(['one-host-a-reign'])
})

test.for([
  ['term', { epoch: 1_700_000_000_000, term: 1 }],
  ['epoch', { epoch: 1_600_000_000_000, term: 9 }],
] as const)('a reign with a lower %s than before is found', ([, older]) => {
  const { ann, ben, logs } = pair()
  const newer = { revision: 9, term: 2 }
  ann.connects().hears(annsReturn(newer))
  ben.connects().hears(bensReturn(newer))
  expect(rulesBrokenIn(logs())).toEqual([])
  ann.connects().hears(annsReturn({ ...older, revision: 9 }))
  ben.connects().hears(bensReturn({ ...older, revision: 9 }))
  expect(rulesBrokenIn(logs())).toEqual(['reigns-never-fall'])
})

test.for([
  ['is away', { ...benAsMember, online: false }],
  ['does not want to', { ...benAsMember, canHost: false }],
] as const)('a new host that %s is found', ([, peer]) => {
  const { ann, ben, logs } = pair()
  const change = hostOf({ revision: 5, previous: annAsMember.id, reason: 'transfer' })
  ben.closes()
  ann.hears(peerUpdatedOf({ revision: 4, peer }), change)
  expect(rulesBrokenIn(logs())).toContain('a-host-is-eligible')
})

test.for(['timeout', 'left'] as const)(
  'a host that is there and loses its role (%s) is found',
  (reason) => {
    const { ann, ben, logs } = pair()
    const change = hostOf({ revision: 4, previous: annAsMember.id, reason })
    for (const one of [ann, ben]) one.hears(change)
    expect(rulesBrokenIn(logs())).toEqual(['a-host-that-is-there-stays'])
  },
)

test('a host that was away loses its role', () => {
  const { ann, ben, logs } = pair()
  ann.closes()
  const away = peerUpdatedOf({ revision: 4, peer: { ...annAsMember, online: false } })
  ben.hears(away, hostOf({ revision: 5, previous: annAsMember.id, reason: 'timeout' }))
  expect(checkHistory(logs())).toEqual([])
})

test('a message of the room before the welcome is found', () => {
  const { ann, logs } = pair()
  ann
    .connects()
    .hears(benUpdated(4))
    .hears(annsReturn({ revision: 3 }))
  expect(rulesBrokenIn(logs())).toEqual(['welcome-comes-first'])
})

test('a revision that comes twice or late is found', () => {
  const { ann, ben, logs } = pair()
  for (const one of [ann, ben]) one.hears(benUpdated(4))
  expect(rulesBrokenIn(logs())).toEqual([])
  ann
    .hears(benUpdated(4))
    .connects()
    .hears(annsReturn({ revision: 4 }))
  expect(rulesBrokenIn(logs())).toEqual(['revisions-in-order'])
})

test('a gap in revisions is healed by a welcome, on this connection or another', () => {
  const { ann, ben, logs } = pair()
  ann.hears(benUpdated(5)).hears(annsReturn({ revision: 5 }))
  ben.hears(benUpdated(5)).notes({ type: 'given-up', why: 'misstep' })
  ben.connects().hears(bensReturn({ revision: 5 }))
  expect(checkHistory(logs())).toEqual([])
})

test('a gap in revisions that a client lives with is found', () => {
  const { ann, ben, logs } = pair()
  ann
    .hears(benUpdated(5))
    .hearsSignal('ben', 1)
    .hears(annsReturn({ revision: 5 }))
  ben.connects().hears(bensReturn({ revision: 5 }))
  expect(rulesBrokenIn(logs())).toContain('a-gap-is-healed')
})

test.for([
  ['a member that joins again', peerJoinedOf({ revision: 4, peer: benAsMember })],
  ['an update of nobody', peerUpdatedOf({ revision: 4, peer: catAsMember })],
  ['a departure of nobody', peerLeftOf({ revision: 4, id: catAsMember.id })],
  ['a term that does not rise', hostOf({ revision: 4, term: 1, previous: annAsMember.id })],
  ['another host before', hostOf({ revision: 4, term: 2, previous: benAsMember.id })],
] as const)('%s is found', ([, message]) => {
  const { ann, ben, logs } = pair()
  ann
    .hears(message)
    .connects()
    .hears(annsReturn({ revision: 4, term: 2 }))
  ben.connects().hears(bensReturn({ revision: 4, term: 2 }))
  expect(rulesBrokenIn(logs())).toContain('messages-fit-the-view')
})

test('clients that end with different views are found', () => {
  const { ann, logs } = pair()
  ann.hears(peerUpdatedOf({ revision: 4, peer: { ...benAsMember, priority: 7 } }))
  expect(rulesBrokenIn(logs())).toEqual(['views-agree'])
})

test('a member online who is no client is found', () => {
  const { ann, ben, logs } = pair()
  for (const one of [ann, ben]) one.hears(peerJoinedOf({ revision: 4, peer: catAsMember }))
  expect(rulesBrokenIn(logs())).toEqual(['no-ghosts'])
})

test('a client whom the others know to be away is found', () => {
  const { ann, ben, logs } = pair()
  const away = peerUpdatedOf({ revision: 4, peer: { ...benAsMember, online: false } })
  for (const one of [ann, ben]) one.hears(away)
  expect(rulesBrokenIn(logs())).toEqual(['no-ghosts'])
})

test('a client that is away at the end is not asked', () => {
  const { ann, ben, logs } = pair()
  ben.closes()
  ann.hears(peerUpdatedOf({ revision: 4, peer: { ...benAsMember, online: false } }))
  expect(checkHistory(logs())).toEqual([])
})

test.for([
  ['id', { ...annAsMember, id: peerIdOf('eve') }],
  ['join order', { ...annAsMember, joinOrder: 5 }],
] as const)('a resume that changes the %s is found', ([, self]) => {
  const { ann, ben, logs } = pair()
  ann.connects().hears(annsReturn({ revision: 4, self, host: self.id }))
  ben.connects().hears(bensReturn({ revision: 4, peers: [self], host: self.id }))
  expect(rulesBrokenIn(logs())).toContain('a-resume-keeps-the-member')
})

test('an id that is given twice is found', () => {
  const { ann, clock, logs } = pair()
  const eve = new Scribe('eve', clock)
  ann.closes()
  eve.connects().hears(annsWelcome({ revision: 3 }))
  expect(rulesBrokenIn([...logs(), eve.log])).toEqual(['ids-are-never-reused'])
})

test('a replaced connection that hears of newer changes is found', () => {
  const { ann, ben, logs } = pair()
  ann.connects().hears(annsReturn({ revision: 3 }))
  for (const one of [ann, ben]) one.hears(benUpdated(4))
  expect(rulesBrokenIn(logs())).toEqual([])
  ann.hearsBy(1, benUpdated(4))
  expect(rulesBrokenIn(logs())).toEqual(['one-connection-a-member'])
})

test.for([
  ['out of order', [2, 1]],
  ['twice', [1, 1]],
] as const)('signals that come %s are found', ([, serials]) => {
  const { ann, ben, logs } = pair()
  ann.signals('ben', 1).signals('ben', 2)
  for (const serial of serials) ben.hearsSignal('ann', serial)
  expect(rulesBrokenIn(logs())).toEqual(['signals-in-order-once'])
})

test('a signal of an older connection may be overtaken, and is counted', () => {
  const { ann, ben, logs } = pair()
  ann
    .signals('ben', 1)
    .connects()
    .hears(annsReturn({ revision: 3 }))
    .signals('ben', 2)
  ben.hearsSignal('ann', 2).hearsSignal('ann', 1)
  expect(checkHistory(logs())).toEqual([])
  expect(accountOf(logs()).overtaken).toBe(1)
  ben.hearsSignal('ann', 1)
  expect(rulesBrokenIn(logs())).toEqual(['signals-in-order-once'])
})

test('a signal from outside of the room, or from oneself, is found', () => {
  const { ann, ben, logs } = pair()
  ben.hearsSignal('cat', 1)
  ann.hearsSignal('ann', 1)
  expect(checkHistory(logs()).map(({ rule }) => rule)).toEqual([
    'signals-only-from-members',
    'signals-only-from-members',
  ])
})

test('a signal that reaches who has left is found', () => {
  const { ann, ben, logs } = pair()
  ann.hears(peerLeftOf({ revision: 4, id: benAsMember.id })).signals('ben', 1)
  ben.hearsSignal('ann', 1)
  ben.closes()
  expect(rulesBrokenIn(logs())).toEqual(['signals-only-to-members'])
})
