import { errorMessage } from '@skein/protocol'
import { hostOf, peerLeftOf } from '@skein/protocol/testing'
import { expect, test } from 'vitest'
import {
  accountOf,
  deliveredBetween,
  endsSince,
  longestSilences,
  percentile,
  reattachments,
} from './account.ts'
import {
  annAsMember,
  annsWelcome,
  benAsMember,
  bensWelcome,
  catAsMember,
  pair,
} from './scribe.fixture.ts'

const unreachable = errorMessage({ code: 'peer-unreachable', about: 'signal' })

test('a signal is delivered, told of, or neither', () => {
  const { ann, ben, logs } = pair()
  ann.signals('ben', 1).signals('ben', 2).signals('ben', 3).proves(1)
  ben.hearsSignal('ann', 1)
  ann.hears(unreachable)
  expect(accountOf(logs()).signals).toEqual({
    ...{ sent: 3, delivered: 1, told: 1, unexplained: ['3 of ann/1 to ben at 7.0'] },
    ...{ lostWithSender: 0, lostWithReceiver: 0 },
  })
})

test('an error about something else explains no signal', () => {
  const { ann, logs } = pair()
  ann
    .signals('ben', 1)
    .proves(1)
    .hears({ ...unreachable, about: 'transfer-host' })
  expect(accountOf(logs()).signals).toMatchObject({ told: 0, unexplained: [expect.anything()] })
})

test('a signal may go down with the connection of its sender, read or not', () => {
  const { ann, logs } = pair()
  ann.signals('ben', 1).proves(1).signals('ben', 2).closes()
  expect(accountOf(logs()).signals).toMatchObject({ lostWithSender: 2, unexplained: [] })
})

test('what was read late may be answered late', () => {
  const { ann, clock, logs } = pair()
  ann.signals('ben', 1)
  clock.now += 20_000
  ann.proves(1).closes()
  expect(accountOf(logs()).signals).toMatchObject({ lostWithSender: 1, unexplained: [] })
})

test('long after it was read, the end of its connection is no extendGrace for a signal', () => {
  const { ann, clock, logs } = pair()
  ann.signals('ben', 1).proves(1).signals('ben', 2)
  clock.now += 10_000
  ann.closes()
  const { lostWithSender, unexplained } = accountOf(logs()).signals
  expect([lostWithSender, unexplained.length]).toEqual([1, 1])
})

test('a signal may go down with the connection of its receiver', () => {
  const { ann, ben, logs } = pair()
  ann.signals('ben', 1).proves(1)
  ben.closes()
  expect(accountOf(logs()).signals).toMatchObject({ lostWithReceiver: 1, unexplained: [] })
})

test('the end of a connection long after explains nothing', () => {
  const { ann, ben, clock, logs } = pair()
  ann.signals('ben', 1).proves(1)
  clock.now += 10_000
  ben.proves(1).closes()
  expect(accountOf(logs()).signals).toMatchObject({
    lostWithReceiver: 0,
    unexplained: [expect.anything()],
  })
})

test('a receiver that had heard nothing for long when it gave up was not reached', () => {
  const { ann, ben, clock, logs } = pair()
  ann.signals('ben', 1).proves(1)
  clock.now += 10_000
  ben.notes({ type: 'given-up', why: 'silence' })
  const { signals, closes } = accountOf(logs())
  expect(signals).toMatchObject({ lostWithReceiver: 1, unexplained: [] })
  expect(closes).toEqual({ silence: 1 })
})

test('what comes by a connection that was given up proves nothing', () => {
  const { ann, ben, clock, logs } = pair()
  ann.signals('ben', 1).sends({ type: 'ping', id: 1 })
  clock.now += 10_000
  ann.notes({ type: 'given-up', why: 'silence' }).hears({ type: 'pong', id: 1 })
  ben.proves(1)
  expect(accountOf(logs()).signals).toMatchObject({ lostWithSender: 1, unexplained: [] })
})

test('what clients noticed is counted', () => {
  const { ann, ben, logs } = pair()
  ann.hears(hostOf({ revision: 4, previous: annAsMember.id }))
  ann.hears(peerLeftOf({ revision: 5, id: benAsMember.id }))
  ben.hears(peerLeftOf({ revision: 9, id: catAsMember.id })).closes(4000)
  ben.connects().hears(errorMessage({ code: 'resume-rejected', about: 'join' }))
  const { hosts, left, withdrawn, gaps, rejected, closes } = accountOf(logs())
  expect([hosts.length, left.length, withdrawn, gaps, rejected]).toEqual([1, 1, 1, 1, 1])
  expect(closes).toEqual({ 4000: 1 })
})

test('what was told of hosts and departures before the moment is not counted', () => {
  const { ann, clock, logs } = pair()
  ann.hears(hostOf({ revision: 4, previous: annAsMember.id }))
  ann.hears(peerLeftOf({ revision: 5, id: benAsMember.id }))
  const { hosts, left } = accountOf(logs(), clock.now + 1)
  expect([hosts, left]).toEqual([[], []])
})

test('signals that were sent and heard between two moments are counted', () => {
  const { ann, ben, clock, logs } = pair()
  ann.signals('ben', 1)
  const from = clock.now + 1
  ben.hearsSignal('ann', 1)
  ann.signals('ben', 2).signals('ben', 3)
  ben.hearsSignal('ann', 2)
  const until = clock.now + 1
  ben.hearsSignal('ann', 3)
  expect(deliveredBetween(logs(), { from, until })).toBe(1)
})

test('connections that ended since a moment are named', () => {
  const { ann, ben, clock, logs } = pair()
  ann.closes().connects()
  const since = clock.now + 1
  ann.notes({ type: 'given-up', why: 'silence' })
  ben.proves(1).closes()
  expect(endsSince(logs(), since)).toEqual(['ann/2 given-up', 'ben/1 closed'])
})

test('how long a client was away is measured from the fault to its welcome', () => {
  const { ann, ben, clock, logs } = pair()
  const since = clock.now
  ann.closes().connects()
  clock.now += 100
  ann.hears(annsWelcome({ resumed: true }))
  expect(reattachments(logs(), since)).toEqual([103])
  ben.closes()
  expect(reattachments(logs(), since)).toEqual([103, Number.POSITIVE_INFINITY])
  ben.hears(bensWelcome())
  expect(reattachments(logs(), since)[1]).toBe(Number.POSITIVE_INFINITY)
})

test('the longest silence of a client is between two things that it heard', () => {
  const { ann, clock, logs } = pair()
  ann.proves(1)
  clock.now += 100
  ann.proves(2)
  clock.now += 900
  ann.signals('ben', 1)
  expect(longestSilences(logs())).toEqual([102, 0])
})

test('a percentile is one of the values', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect([0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 99, 100])
  expect(percentile([7], 0.99)).toBe(7)
})
