import { expect, test } from 'vitest'
import { AddressLedger } from './address-ledger.ts'

const limits = {
  maxConnections: 2,
  joins: { perSecond: 1, burst: 2 },
  turnCredentials: { perSecond: 1, burst: 1 },
}

test('an address that has gone and taken nothing lately is forgotten', () => {
  const ledger = new AddressLedger(limits)
  const account = ledger.connect('a', 0)
  if (account === null || account === 'refused') throw new Error('the address was not taken')
  ledger.takeJoin(account, 0)
  ledger.sweep(0)
  expect(ledger.size).toBe(1)
  ledger.release(account)
  // It must not come back with a full share before its time.
  ledger.sweep(999)
  expect(ledger.size).toBe(1)
  ledger.sweep(1_000)
  expect(ledger.size).toBe(0)
})

test('who is not counted is never refused', () => {
  const ledger = new AddressLedger(limits)
  for (let n = 0; n < 10; n += 1) {
    expect(ledger.connect(null, 0)).toBeNull()
    expect(ledger.takeJoin(null, 0)).toBe(0)
    expect(ledger.takeTurnCredential(null, 0)).toBe(true)
  }
  expect(ledger.size).toBe(0)
})
