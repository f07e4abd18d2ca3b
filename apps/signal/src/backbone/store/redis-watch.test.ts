import pino from 'pino'
import { expect, test } from 'vitest'
import type { Commands } from '../redis/redis-connection.ts'
import { StoreClock } from './redis-clock.ts'
import { StoreWatch } from './redis-watch.ts'

/** A store that says that of itself; `PING` and the script are all that a watch sends. */
const startWatch = (identity: () => string) => {
  const lines: string[] = []
  const redis: Commands = {
    send: async ([command]) =>
      command === 'PING' ? 'PONG' : ['1000', identity(), `${identity()}:a:900`],
    soundSince: 0,
    troubledUntil: null,
    close: async () => {},
  }
  const clock = new StoreClock()
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) })
  return { watch: new StoreWatch({ redis, clock, changed: () => {}, log }), clock, lines }
}

test('a store that does not say who it is cannot be used, and the log says so once', async () => {
  let identity = 'none'
  const { watch, clock, lines } = startWatch(() => identity)
  await expect(watch.look()).rejects.toThrow('run_id')
  await expect(watch.look()).rejects.toThrow('run_id')
  await expect(watch.probe()).rejects.toThrow('run_id')
  expect(clock.isSet).toBe(false)
  expect(lines).toEqual([expect.stringContaining('redis does not say who it is')])
  identity = 'abc'
  await watch.look()
  await watch.probe()
  expect(watch.life).toEqual({ id: 'abc:a:900', bornAt: 900 })
})

test('a store that was never asked is not ready', async () => {
  const { watch } = startWatch(() => 'abc')
  await expect(watch.probe()).rejects.toThrow('not answered yet')
})
