import pino from 'pino'
import { expect, test } from 'vitest'
import { systemTimers } from '../../time/timers.ts'
import type { Commands } from '../redis/redis-connection.ts'
import { StoreClock } from './redis-clock.ts'
import { StoreWatch } from './redis-watch.ts'

/** A watch of a store with that identity. A watch sends only `PING` and its script. */
const startWatch = (identity: () => string) => {
  const lines: string[] = []
  const redis: Commands = {
    send: async ([command]) =>
      command === 'PING' ? 'PONG' : ['1000', identity(), `${identity()}:a:900`],
    healthySince: 0,
    recoveredAt: null,
    close: async () => {},
  }
  const clock = new StoreClock(systemTimers)
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) })
  return { watch: new StoreWatch({ redis, clock, onReplaced: () => {}, log }), clock, lines }
}

test('a store without an identity cannot be used, and one log line says so', async () => {
  let identity = 'none'
  const { watch, clock, lines } = startWatch(() => identity)
  await expect(watch.refresh()).rejects.toThrow('run_id')
  await expect(watch.refresh()).rejects.toThrow('run_id')
  await expect(watch.probe()).rejects.toThrow('run_id')
  expect(clock.isSet).toBe(false)
  expect(lines).toEqual([expect.stringContaining('redis does not report its identity')])
  identity = 'abc'
  await watch.refresh()
  await watch.probe()
  expect(watch.life).toEqual({ id: 'abc:a:900', bornAt: 900, mayHaveForked: true })
})

test('a probe rejects before the store has answered for the first time', async () => {
  const { watch } = startWatch(() => 'abc')
  await expect(watch.probe()).rejects.toThrow('not answered yet')
})
