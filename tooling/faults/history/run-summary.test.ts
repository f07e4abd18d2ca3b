import { errorMessage } from '@skein/protocol'
import { hostOf, peerLeftOf } from '@skein/protocol/testing'
import { expect, test } from 'vitest'
import {
  annAsMember,
  annsWelcome,
  benAsMember,
  bensWelcome,
  catAsMember,
  pair,
} from './log-writer.fixture.ts'
import {
  connectionsEndedSince,
  deliveredBetween,
  longestSilences,
  percentile,
  reconnectDelays,
  summarizeRun,
} from './run-summary.ts'

const unreachable = errorMessage({ code: 'peer-unreachable', about: 'signal' })

test('a signal is delivered, reported undeliverable, or unexplained', () => {
  const { ann, ben, logs } = pair()
  ann.signals('ben', 1).signals('ben', 2).signals('ben', 3).pings(1)
  ben.receivesSignal('ann', 1)
  ann.receives(unreachable)
  expect(summarizeRun(logs()).signals).toEqual({
    ...{ sent: 3, delivered: 1, reported: 1, unexplained: ['3 of ann/1 to ben at 7.0'] },
    ...{ lostWithSender: 0, lostWithReceiver: 0 },
  })
})

test('an error about another message does not explain a lost signal', () => {
  const { ann, logs } = pair()
  ann
    .signals('ben', 1)
    .pings(1)
    .receives({ ...unreachable, about: 'transfer-host' })
  expect(summarizeRun(logs()).signals).toMatchObject({
    reported: 0,
    unexplained: [expect.anything()],
  })
})

test('a signal may be lost with the connection of its sender, read or not', () => {
  const { ann, logs } = pair()
  ann.signals('ben', 1).pings(1).signals('ben', 2).closes()
  expect(summarizeRun(logs()).signals).toMatchObject({ lostWithSender: 2, unexplained: [] })
})

test('a signal that the server read late may be reported late', () => {
  const { ann, clock, logs } = pair()
  ann.signals('ben', 1)
  clock.now += 20_000
  ann.pings(1).closes()
  expect(summarizeRun(logs()).signals).toMatchObject({ lostWithSender: 1, unexplained: [] })
})

test('a sender connection that ends long after the signal was read does not explain its loss', () => {
  const { ann, clock, logs } = pair()
  ann.signals('ben', 1).pings(1).signals('ben', 2)
  clock.now += 10_000
  ann.closes()
  const { lostWithSender, unexplained } = summarizeRun(logs()).signals
  expect([lostWithSender, unexplained.length]).toEqual([1, 1])
})

test('a signal may be lost with the connection of its receiver', () => {
  const { ann, ben, logs } = pair()
  ann.signals('ben', 1).pings(1)
  ben.closes()
  expect(summarizeRun(logs()).signals).toMatchObject({ lostWithReceiver: 1, unexplained: [] })
})

test('a receiver connection that ends long after the signal does not explain its loss', () => {
  const { ann, ben, clock, logs } = pair()
  ann.signals('ben', 1).pings(1)
  clock.now += 10_000
  ben.pings(1).closes()
  expect(summarizeRun(logs()).signals).toMatchObject({
    lostWithReceiver: 0,
    unexplained: [expect.anything()],
  })
})

test('a receiver that gave up a silent connection explains a lost signal', () => {
  const { ann, ben, clock, logs } = pair()
  ann.signals('ben', 1).pings(1)
  clock.now += 10_000
  ben.records({ type: 'given-up', why: 'silence' })
  const { signals, closes } = summarizeRun(logs())
  expect(signals).toMatchObject({ lostWithReceiver: 1, unexplained: [] })
  expect(closes).toEqual({ silence: 1 })
})

test('a pong on a connection that was given up does not count', () => {
  const { ann, ben, clock, logs } = pair()
  ann.signals('ben', 1).sends({ type: 'ping', id: 1 })
  clock.now += 10_000
  ann.records({ type: 'given-up', why: 'silence' }).receives({ type: 'pong', id: 1 })
  ben.pings(1)
  expect(summarizeRun(logs()).signals).toMatchObject({ lostWithSender: 1, unexplained: [] })
})

test('host changes, departures, gaps, rejected resumes and closes are counted', () => {
  const { ann, ben, logs } = pair()
  ann.receives(hostOf({ revision: 4, previous: annAsMember.id }))
  ann.receives(peerLeftOf({ revision: 5, id: benAsMember.id }))
  ben.receives(peerLeftOf({ revision: 9, id: catAsMember.id })).closes(4000)
  ben.connects().receives(errorMessage({ code: 'resume-rejected', about: 'join' }))
  const summary = summarizeRun(logs())
  expect([
    summary.hostChanges.length,
    summary.departures.length,
    summary.withdrawnJoins,
    summary.gaps,
    summary.rejectedResumes,
  ]).toEqual([1, 1, 1, 1, 1])
  expect(summary.closes).toEqual({ 4000: 1 })
})

test('host changes and departures before the given time are not counted', () => {
  const { ann, clock, logs } = pair()
  ann.receives(hostOf({ revision: 4, previous: annAsMember.id }))
  ann.receives(peerLeftOf({ revision: 5, id: benAsMember.id }))
  const { hostChanges, departures } = summarizeRun(logs(), clock.now + 1)
  expect([hostChanges, departures]).toEqual([[], []])
})

test('signals that were sent and received between two times are counted', () => {
  const { ann, ben, clock, logs } = pair()
  ann.signals('ben', 1)
  const from = clock.now + 1
  ben.receivesSignal('ann', 1)
  ann.signals('ben', 2).signals('ben', 3)
  ben.receivesSignal('ann', 2)
  const until = clock.now + 1
  ben.receivesSignal('ann', 3)
  expect(deliveredBetween(logs(), { from, until })).toBe(1)
})

test('connections that ended since a given time are listed', () => {
  const { ann, ben, clock, logs } = pair()
  ann.closes().connects()
  const since = clock.now + 1
  ann.records({ type: 'given-up', why: 'silence' })
  ben.pings(1).closes()
  expect(connectionsEndedSince(logs(), since)).toEqual(['ann/2 given-up', 'ben/1 closed'])
})

test('the reconnect delay of a client is the time from the fault to its welcome', () => {
  const { ann, ben, clock, logs } = pair()
  const since = clock.now
  ann.closes().connects()
  clock.now += 100
  ann.receives(annsWelcome({ resumed: true }))
  expect(reconnectDelays(logs(), since)).toEqual([103])
  ben.closes()
  expect(reconnectDelays(logs(), since)).toEqual([103, Number.POSITIVE_INFINITY])
  ben.receives(bensWelcome())
  expect(reconnectDelays(logs(), since)[1]).toBe(Number.POSITIVE_INFINITY)
})

test('the longest silence of a client is between two messages that it received', () => {
  const { ann, clock, logs } = pair()
  ann.pings(1)
  clock.now += 100
  ann.pings(2)
  clock.now += 900
  ann.signals('ben', 1)
  expect(longestSilences(logs())).toEqual([102, 0])
})

test('a percentile is one of the values', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect([0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 99, 100])
  expect(percentile([7], 0.99)).toBe(7)
})
