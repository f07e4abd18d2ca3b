import { type Presence, peerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { TokenBucket } from '../limits/token-bucket.ts'
import { broadcastBytes, type PacedMember, UpdatePacer } from './update-pacer.ts'

const roomRate = { perSecond: 1_000, burst: 1_000 }
const ownRate = { perSecond: 2, burst: 1 }

const createPaced = () => {
  const pacer = new UpdatePacer({ roomRate })
  const applied: string[] = []
  const member = (name: string, bytes = 0): PacedMember => {
    const bucket = new TokenBucket(ownRate, 0)
    return {
      takeUpdate: (now) => bucket.take(ownRate, now),
      applyUpdate: () => {
        applied.push(name)
        return bytes
      },
    }
  }
  return { pacer, applied, member }
}

test('an update above the rate of its member is applied once, when its time has come', () => {
  const { pacer, applied, member } = createPaced()
  const a = member('a')
  for (let times = 0; times < 5; times += 1) pacer.submit(a, 'r', 0)
  expect(applied).toEqual(['a'])
  pacer.check(499)
  expect(applied).toEqual(['a'])
  pacer.check(500)
  pacer.check(10_000)
  expect(applied).toEqual(['a', 'a'])
})

test('in a room above its rate members take turns, and none overtakes those that wait', () => {
  const { pacer, applied, member } = createPaced()
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => member(name, 2_000))
  for (const each of [a, b, c]) if (each) pacer.submit(each, 'r', 0)
  expect(applied).toEqual(['a'])
  // The debt is paid, but the check has not come yet.
  if (d) pacer.submit(d, 'r', 1_001)
  if (a) pacer.submit(a, 'r', 1_001)
  expect(applied).toEqual(['a'])
  for (const now of [1_002, 3_100, 5_200, 7_300, 9_400]) pacer.check(now)
  expect(applied).toEqual(['a', 'b', 'c', 'd', 'a'])
})

test('a member that has gone holds up nobody, and rooms without recent updates are forgotten', () => {
  const { pacer, applied, member } = createPaced()
  const [a, b] = [member('a', 2_000), member('b', 10)]
  pacer.submit(a, 'r', 0)
  pacer.submit(a, 'r', 0)
  pacer.submit(b, 'r', 0)
  pacer.withdraw(a, 'r')
  pacer.check(1_500)
  expect(applied).toEqual(['a', 'b'])
  pacer.sweep(1_500)
  expect(pacer.size).toBe(1)
  pacer.sweep(3_000)
  expect(pacer.size).toBe(0)
})

test('the bytes of an update are those that all online members receive', () => {
  const stored = { is: 'stored' }
  const member = (name: string, online: boolean) => ({ id: peerId(name), presence: stored, online })
  const room = { members: [member('a', true), member('b', true), member('c', false)] }
  const bytes = (presence: Presence | null | undefined): number =>
    broadcastBytes(room, { id: peerId('a'), presence })
  expect(bytes({ n: 'ä'.repeat(500) }) - bytes({ n: '' })).toBe(2 * 1_000)
  // A change of another field sends the presence again.
  expect(bytes(undefined)).toBe(bytes(stored))
  expect(bytes(null)).toBeLessThan(bytes(undefined))
  expect(broadcastBytes(null, { id: peerId('a'), presence: null })).toBe(0)
})
