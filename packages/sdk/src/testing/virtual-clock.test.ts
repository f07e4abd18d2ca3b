import { expect, test } from 'vitest'
import { virtualClock } from './virtual-clock.ts'

test('due timers run by time, then in the order they were set', async () => {
  const clock = virtualClock()
  const ran: string[] = []
  clock.after(20, () => ran.push(`c${clock.now()}`))
  clock.after(10, () => ran.push(`a${clock.now()}`))
  clock.after(10, () => ran.push(`b${clock.now()}`))
  await clock.advance(15)
  expect(ran).toEqual(['a10', 'b10'])
  await clock.advance(5)
  expect(ran).toEqual(['a10', 'b10', 'c20'])
  expect(clock.pending).toBe(0)
})

test('a cancelled timer never runs', async () => {
  const clock = virtualClock()
  let ran = false
  const cancel = clock.after(10, () => {
    ran = true
  })
  cancel()
  await clock.advance(100)
  expect(ran).toBe(false)
})

test('a timer that a promise sets between two timers runs on time', async () => {
  const clock = virtualClock()
  const ran: string[] = []
  clock.after(10, () => {
    void Promise.resolve().then(() => clock.after(5, () => ran.push('inner')))
  })
  clock.after(20, () => ran.push('outer'))
  await clock.advance(30)
  expect(ran).toEqual(['inner', 'outer'])
})

test('after a sleep, due timers run late', async () => {
  const clock = virtualClock()
  const at: number[] = []
  clock.after(10, () => at.push(clock.now()))
  await clock.sleep(60_000)
  expect(at).toEqual([60_000])
})

test('until advances to the first instant at which the condition holds, and rejects if there is none', async () => {
  const clock = virtualClock()
  let done = false
  clock.after(700, () => {
    done = true
  })
  await clock.until(() => done)
  expect(clock.now()).toBe(700)
  await expect(clock.until(() => false, { limitMs: 50 })).rejects.toThrow('not within 50 ms')
})
