import { expect, test } from 'vitest'
import { AddressLedger } from './address-ledger.ts'

const limits = {
  maxConnections: 2,
  joins: { perSecond: 1, burst: 2 },
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
  }
  expect(ledger.size).toBe(0)
})
