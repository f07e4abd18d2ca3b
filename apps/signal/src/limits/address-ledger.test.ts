import { expect, test } from 'vitest'
import { AddressLedger } from './address-ledger.ts'

const limits = {
  maxConnections: 2,
  joins: { perSecond: 1, burst: 2 },
  leaves: { perSecond: 1, burst: 1 },
  frames: { perSecond: 10, burst: 2 },
  turnCredentials: { perSecond: 1, burst: 1 },
}

test('an address without connections is forgotten once its buckets are full again', () => {
  const ledger = new AddressLedger(limits)
  const account = ledger.connect('a', 0)
  if (account === null || account === 'rejected') throw new Error('the address was not counted')
  ledger.takeJoin(account, 0)
  ledger.sweep(0)
  expect(ledger.size).toBe(1)
  ledger.release(account)
  // Forgotten too early, it would get a full burst again.
  ledger.sweep(999)
  expect(ledger.size).toBe(1)
  ledger.sweep(1_000)
  expect(ledger.size).toBe(0)
})

test('an address that is not counted is never rejected', () => {
  const ledger = new AddressLedger(limits)
  for (let n = 0; n < 10; n += 1) {
    expect(ledger.connect(null, 0)).toBeNull()
    expect(ledger.takeJoin(null, 0)).toBe(0)
    expect(ledger.takeTurnCredential(null, 0)).toBe(true)
    expect(ledger.takeLeave(null, 0)).toBe(true)
    expect(ledger.spendFrame(null, 1_000, 0)).toBe(0)
  }
  expect(ledger.size).toBe(0)
})

test('an address without connections can leave as often as its rate allows', () => {
  const ledger = new AddressLedger(limits)
  expect(ledger.takeLeave('a', 0)).toBe(true)
  expect(ledger.takeLeave('a', 0)).toBe(false)
  expect(ledger.takeLeave('b', 0)).toBe(true)
  ledger.sweep(500)
  expect(ledger.takeLeave('a', 500)).toBe(false)
  ledger.sweep(1_000)
  expect(ledger.size).toBe(0)
})

test('frames above the rate of an address cost it time, and large frames count several times', () => {
  const ledger = new AddressLedger(limits)
  const account = ledger.connect('a', 0)
  if (account === 'rejected') throw new Error('the address may connect')
  expect([1, 2, 3].map(() => ledger.spendFrame(account, 100, 0))).toEqual([0, 0, 100])
  expect(ledger.spendFrame(account, 10_000, 100)).toBe(300)
})
