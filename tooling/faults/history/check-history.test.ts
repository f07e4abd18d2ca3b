import type { PeerUpdatedMessage } from '@skein/protocol'
import { hostOf, peerIdOf, peerJoinedOf, peerLeftOf, peerUpdatedOf } from '@skein/protocol/testing'
import { expect, test } from 'vitest'
import { checkHistory } from './check-history.ts'
import type { Rule } from './finding.ts'
import type { ClientLog } from './log.ts'
import {
  annAsMember,
  annsResumedWelcome,
  annsWelcome,
  benAsMember,
  bensResumedWelcome,
  catAsMember,
  LogWriter,
  pair,
} from './log-writer.fixture.ts'
import { summarizeRun } from './run-summary.ts'

const brokenRules = (logs: readonly ClientLog[]): readonly Rule[] => [
  ...new Set(checkHistory(logs).map(({ rule }) => rule)),
]

const benUpdated = (revision: number): PeerUpdatedMessage =>
  peerUpdatedOf({ revision, peer: benAsMember })

test('a correct history has no findings', () => {
  const { ann, ben, logs } = pair()
  ann.signals('ben', 1).signals('ben', 2)
  ben.receivesSignal('ann', 1).receivesSignal('ann', 2)
  const away = peerUpdatedOf({ revision: 4, peer: { ...annAsMember, online: false } })
  const back = peerUpdatedOf({ revision: 5, peer: annAsMember })
  ben.receives(away, back)
  ann
    .closes()
    .connects()
    .receives(annsResumedWelcome({ revision: 5 }))
  ann.signals('ben', 3)
  ben.receivesSignal('ann', 3)
  const change = hostOf({ revision: 6, previous: annAsMember.id, reason: 'transfer' })
  ann.receives(change)
  ben.receives(change)
  expect(checkHistory(logs())).toEqual([])
})

test('an invalid frame is found', () => {
  const { ann, logs } = pair()
  ann.records({ type: 'invalid-frame', text: '{}' })
  expect(brokenRules(logs())).toEqual(['valid-frames-only'])
})

test('two hosts in one host term are found, even if one of them is on an old connection', () => {
  const { ann, ben, logs } = pair()
  ann.connects().receives(annsResumedWelcome({ revision: 4, term: 2, host: benAsMember.id }))
  ben.connects().receives(bensResumedWelcome({ revision: 4, term: 2, host: benAsMember.id }))
  const change = { revision: 4, term: 2, host: annAsMember.id, previous: annAsMember.id } as const
  const other = hostOf({ ...change, reason: 'transfer' })
  expect(brokenRules(logs())).toEqual([])
  ben.receivesOn(1, other)
  expect(brokenRules(logs())).toEqual(['one-host-per-term'])
})

test.for([
  ['term', { epoch: 1_700_000_000_000, term: 1 }],
  ['epoch', { epoch: 1_600_000_000_000, term: 9 }],
] as const)('a host term with a lower %s than before is found', ([, older]) => {
  const { ann, ben, logs } = pair()
  const newer = { revision: 9, term: 2 }
  ann.connects().receives(annsResumedWelcome(newer))
  ben.connects().receives(bensResumedWelcome(newer))
  expect(brokenRules(logs())).toEqual([])
  ann.connects().receives(annsResumedWelcome({ ...older, revision: 9 }))
  ben.connects().receives(bensResumedWelcome({ ...older, revision: 9 }))
  expect(brokenRules(logs())).toEqual(['host-terms-never-go-back'])
})

test.for([
  ['is offline', { ...benAsMember, online: false }],
  ['has canHost false', { ...benAsMember, canHost: false }],
] as const)('a new host that %s is found', ([, peer]) => {
  const { ann, ben, logs } = pair()
  const change = hostOf({ revision: 5, previous: annAsMember.id, reason: 'transfer' })
  ben.closes()
  ann.receives(peerUpdatedOf({ revision: 4, peer }), change)
  expect(brokenRules(logs())).toContain('new-host-is-eligible')
})

test.for(['timeout', 'left'] as const)(
  'an online host that loses its role (%s) is found',
  (reason) => {
    const { ann, ben, logs } = pair()
    const change = hostOf({ revision: 4, previous: annAsMember.id, reason })
    for (const one of [ann, ben]) one.receives(change)
    expect(brokenRules(logs())).toEqual(['online-host-keeps-role'])
  },
)

test('an offline host may lose its role', () => {
  const { ann, ben, logs } = pair()
  ann.closes()
  const away = peerUpdatedOf({ revision: 4, peer: { ...annAsMember, online: false } })
  ben.receives(away, hostOf({ revision: 5, previous: annAsMember.id, reason: 'timeout' }))
  expect(checkHistory(logs())).toEqual([])
})

test('a room message before the welcome is found', () => {
  const { ann, logs } = pair()
  ann
    .connects()
    .receives(benUpdated(4))
    .receives(annsResumedWelcome({ revision: 3 }))
  expect(brokenRules(logs())).toEqual(['welcome-comes-first'])
})

test('a repeated or late revision is found', () => {
  const { ann, ben, logs } = pair()
  for (const one of [ann, ben]) one.receives(benUpdated(4))
  expect(brokenRules(logs())).toEqual([])
  ann
    .receives(benUpdated(4))
    .connects()
    .receives(annsResumedWelcome({ revision: 4 }))
  expect(brokenRules(logs())).toEqual(['revisions-in-order'])
})

test('a gap in revisions may be resynced by a welcome on the same or another connection', () => {
  const { ann, ben, logs } = pair()
  ann.receives(benUpdated(5)).receives(annsResumedWelcome({ revision: 5 }))
  ben.receives(benUpdated(5)).records({ type: 'given-up', why: 'out-of-sync' })
  ben.connects().receives(bensResumedWelcome({ revision: 5 }))
  expect(checkHistory(logs())).toEqual([])
})

test('a gap in revisions without a resync is found', () => {
  const { ann, ben, logs } = pair()
  ann
    .receives(benUpdated(5))
    .receivesSignal('ben', 1)
    .receives(annsResumedWelcome({ revision: 5 }))
  ben.connects().receives(bensResumedWelcome({ revision: 5 }))
  expect(brokenRules(logs())).toContain('gap-is-resynced')
})

test.for([
  ['a member that joins again', peerJoinedOf({ revision: 4, peer: benAsMember })],
  ['an update of an unknown peer', peerUpdatedOf({ revision: 4, peer: catAsMember })],
  ['a departure of an unknown peer', peerLeftOf({ revision: 4, id: catAsMember.id })],
  ['a term that does not rise', hostOf({ revision: 4, term: 1, previous: annAsMember.id })],
  ['a wrong previous host', hostOf({ revision: 4, term: 2, previous: benAsMember.id })],
] as const)('%s is found', ([, message]) => {
  const { ann, ben, logs } = pair()
  ann
    .receives(message)
    .connects()
    .receives(annsResumedWelcome({ revision: 4, term: 2 }))
  ben.connects().receives(bensResumedWelcome({ revision: 4, term: 2 }))
  expect(brokenRules(logs())).toContain('messages-match-the-view')
})

test('different views at the end are found', () => {
  const { ann, logs } = pair()
  ann.receives(peerUpdatedOf({ revision: 4, peer: { ...benAsMember, priority: 7 } }))
  expect(brokenRules(logs())).toEqual(['views-agree'])
})

test('an online member without a client is found', () => {
  const { ann, ben, logs } = pair()
  for (const one of [ann, ben]) one.receives(peerJoinedOf({ revision: 4, peer: catAsMember }))
  expect(brokenRules(logs())).toEqual(['online-members-are-connected'])
})

test('a connected client that others see offline is found', () => {
  const { ann, ben, logs } = pair()
  const away = peerUpdatedOf({ revision: 4, peer: { ...benAsMember, online: false } })
  for (const one of [ann, ben]) one.receives(away)
  expect(brokenRules(logs())).toEqual(['online-members-are-connected'])
})

test('a client that is not connected at the end is ignored', () => {
  const { ann, ben, logs } = pair()
  ben.closes()
  ann.receives(peerUpdatedOf({ revision: 4, peer: { ...benAsMember, online: false } }))
  expect(checkHistory(logs())).toEqual([])
})

test.for([
  ['id', { ...annAsMember, id: peerIdOf('eve') }],
  ['join order', { ...annAsMember, joinOrder: 5 }],
] as const)('a resume that changes the %s is found', ([, self]) => {
  const { ann, ben, logs } = pair()
  ann.connects().receives(annsResumedWelcome({ revision: 4, self, host: self.id }))
  ben.connects().receives(bensResumedWelcome({ revision: 4, peers: [self], host: self.id }))
  expect(brokenRules(logs())).toContain('resume-keeps-the-member')
})

test('an id that is used twice is found', () => {
  const { ann, clock, logs } = pair()
  const eve = new LogWriter('eve', clock)
  ann.closes()
  eve.connects().receives(annsWelcome({ revision: 3 }))
  expect(brokenRules([...logs(), eve.log])).toEqual(['ids-are-never-reused'])
})

test('a newer message on a replaced connection is found', () => {
  const { ann, ben, logs } = pair()
  ann.connects().receives(annsResumedWelcome({ revision: 3 }))
  for (const one of [ann, ben]) one.receives(benUpdated(4))
  expect(brokenRules(logs())).toEqual([])
  ann.receivesOn(1, benUpdated(4))
  expect(brokenRules(logs())).toEqual(['one-connection-per-member'])
})

test.for([
  ['out of order', [2, 1]],
  ['twice', [1, 1]],
] as const)('signals that arrive %s are found', ([, serials]) => {
  const { ann, ben, logs } = pair()
  ann.signals('ben', 1).signals('ben', 2)
  for (const serial of serials) ben.receivesSignal('ann', serial)
  expect(brokenRules(logs())).toEqual(['signals-in-order-once'])
})

test('a signal from an older connection may be overtaken, and is counted', () => {
  const { ann, ben, logs } = pair()
  ann
    .signals('ben', 1)
    .connects()
    .receives(annsResumedWelcome({ revision: 3 }))
    .signals('ben', 2)
  ben.receivesSignal('ann', 2).receivesSignal('ann', 1)
  expect(checkHistory(logs())).toEqual([])
  expect(summarizeRun(logs()).overtaken).toBe(1)
  ben.receivesSignal('ann', 1)
  expect(brokenRules(logs())).toEqual(['signals-in-order-once'])
})

test('a signal from outside the room or from oneself is found', () => {
  const { ann, ben, logs } = pair()
  ben.receivesSignal('cat', 1)
  ann.receivesSignal('ann', 1)
  expect(checkHistory(logs()).map(({ rule }) => rule)).toEqual([
    'signals-only-from-members',
    'signals-only-from-members',
  ])
})

test('a signal that reaches a former member is found', () => {
  const { ann, ben, logs } = pair()
  ann.receives(peerLeftOf({ revision: 4, id: benAsMember.id })).signals('ben', 1)
  ben.receivesSignal('ann', 1)
  ben.closes()
  expect(brokenRules(logs())).toEqual(['signals-only-to-members'])
})
