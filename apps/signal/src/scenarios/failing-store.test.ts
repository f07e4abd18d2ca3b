import { expect, test } from 'vitest'
import { MemoryStore } from '../backbone/store/memory.ts'
import type { Store, UpdateOptions, UpdateResult } from '../backbone/store/store.ts'
import { startTestServer } from '../testing/servers.ts'

/** A store that can be switched off. */
class FlakyStore implements Store {
  readonly #memory = new MemoryStore({ now: Date.now })
  isDown = false
  probeCount = 0

  readonly life = this.#memory.life
  readonly now = this.#memory.now
  readonly subscribe: Store['subscribe'] = (receiver) => this.#memory.subscribe(receiver)

  async update<Outcome>(options: UpdateOptions<Outcome>): Promise<UpdateResult<Outcome>> {
    if (this.isDown) throw new Error('the store is down; the room was "secret-room"')
    return this.#memory.update(options)
  }

  async probe(): Promise<void> {
    this.probeCount += 1
    if (this.isDown) throw new Error('the store is down')
  }

  close(): Promise<void> {
    return this.#memory.close()
  }
}

const startFlaky = async () => {
  const store = new FlakyStore()
  const lines: string[] = []
  const server = await startTestServer({
    store,
    memberGraceMs: 50,
    hostGraceMs: 50,
    logLevel: 'debug',
    logTo: { write: (line) => void lines.push(line) },
    tuning: { retryStoreMs: 20 },
  })
  return { store, lines, server }
}

test('while the store fails, joins get overloaded, signals are relayed, and no member is lost', async () => {
  const { store, lines, server } = await startFlaky()
  const [a, b] = [await server.member('secret-room'), await server.member('secret-room')]
  store.isDown = true
  const joiner = await server.connect()
  joiner.send({ type: 'join', v: 1, room: 'secret-room' })
  expect(await joiner.next('error')).toMatchObject({
    code: 'overloaded',
    about: 'join',
    retryable: true,
    retryAfterMs: 1_000,
  })
  a.client.send({ type: 'update', presence: { x: 1 } })
  expect(await a.client.next('error')).toMatchObject({ code: 'overloaded', about: 'update' })
  a.client.signal(b.id)
  expect((await b.client.next('signal')).from).toBe(a.id)
  const ready = await fetch(`${server.httpUrl}/readyz`)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toMatchObject({ reasons: ['store unreachable'] })
  store.isDown = false
  expect((await joiner.join('secret-room')).peers).toHaveLength(2)
  expect((await fetch(`${server.httpUrl}/readyz`)).status).toBe(200)
  expect(lines.join('')).toContain('room change not stored')
  expect(lines.join('')).not.toContain('secret-room')
})

test('members that disconnect or leave while the store fails are removed once it works again', async () => {
  const { store, server } = await startFlaky()
  const [a, b] = [await server.member('r'), await server.member('r')]
  const remaining = await server.member('r')
  store.isDown = true
  a.client.drop()
  await b.client.leave()
  await a.client.closed
  remaining.client.signal(a.id)
  await remaining.client.nextError('peer-unreachable')
  store.isDown = false
  await remaining.client.next('host')
  await expect
    .poll(() =>
      remaining.client
        .received('peer-left')
        .map(({ id }) => id)
        .sort(),
    )
    .toEqual([a.id, b.id].sort())
  expect(remaining.client.received('host').at(-1)?.host).toBe(remaining.id)
})

test('requests to /readyz share one probe of the store, whose success counts for a second', async () => {
  const { store, server } = await startFlaky()
  const status = async (): Promise<number> => (await fetch(`${server.httpUrl}/readyz`)).status
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: 20 }, status))
  for (let n = 0; n < 20; n += 1) expect(await status()).toBe(200)
  const seconds = Math.ceil((performance.now() - startedAt) / 1_000)
  expect(store.probeCount).toBeLessThanOrEqual(seconds)
  store.isDown = true
  await expect.poll(status, { timeout: 10_000 }).toBe(503)
  store.isDown = false
  expect(await status()).toBe(200)
})
