import { peerId } from '@skein/protocol'
import { createRoom, type Room } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import type { Store, StoreMoment } from './store.ts'

export interface StoreUnderTest {
  /** A fresh, empty store on the clock that is passed in. */
  readonly create: (now: () => number) => Promise<Store>
}

/** What every store must do; call it in a test file of the store's own. */
export const describeStore = (store: StoreUnderTest): void => {
  describeReading(store)
  describeIsolation(store)
  describeEpochs(store)
  describeTrouble(store)
}

const describeReading = ({ create }: StoreUnderTest): void => {
  test('a room that is not there reads as null', async () => {
    const store = await create(() => 1_000)
    const { room, outcome } = await store.update('r', (current) => [null, current])
    expect([room, outcome]).toEqual([null, null])
  })

  test('what a change gives is what the next change gets', async () => {
    const store = await create(() => 1_000)
    const made = await store.update('r', (_, moment) => [roomOf('r', moment), 'made'])
    expect(made.outcome).toBe('made')
    const { outcome } = await store.update('r', (current) => [current, current])
    expect(outcome).toEqual(made.room)
  })

  test('a room that a change gave null for is gone', async () => {
    const store = await create(() => 1_000)
    await store.update('r', (_, moment) => [roomOf('r', moment), null])
    await store.update('r', () => [null, null])
    const { outcome } = await store.update('r', (current) => [current, current])
    expect(outcome).toBeNull()
  })
}

const describeIsolation = ({ create }: StoreUnderTest): void => {
  test.each(['__proto__', 'constructor', '../../x', '{r}', 'غرفة 🪿', 'a:b', '*'])(
    'the name %s is a name like any other',
    async (name) => {
      const store = await create(() => 1_000)
      await store.update(name, (_, moment) => [roomOf(name, moment), null])
      await store.update('other', (_, moment) => [roomOf('other', moment), null])
      const { outcome } = await store.update(name, (current) => [current, current?.name])
      expect(outcome).toBe(name)
    },
  )

  test('changes of one room happen one after the other, none is lost', async () => {
    const store = await create(() => 1_000)
    const add = (): Promise<unknown> =>
      store.update('r', (current, moment) => {
        const room = current ?? roomOf('r', moment)
        return [{ ...room, revision: room.revision + 1 }, null]
      })
    await Promise.all(Array.from({ length: 50 }, add))
    const { outcome } = await store.update('r', (current) => [current, current?.revision])
    expect(outcome).toBe(50)
  })

  test('changes of different rooms do not touch each other', async () => {
    const store = await create(() => 1_000)
    const names = Array.from({ length: 20 }, (_, n) => `room ${n}`)
    const make = (name: string): Promise<unknown> =>
      store.update(name, (_, moment) => [roomOf(name, moment), null])
    await Promise.all(names.map(make))
    const read = async (name: string): Promise<string | undefined> =>
      (await store.update(name, (current) => [current, current?.name])).outcome
    expect(await Promise.all(names.map(read))).toEqual(names)
  })
}

const describeEpochs = ({ create }: StoreUnderTest): void => {
  test('an epoch is the clock, and above the last also while the clock stands still or goes back', async () => {
    let now = 1_000
    const store = await create(() => now)
    const epochOf = async (name: string): Promise<number> =>
      (await store.update(name, (_, moment) => [roomOf(name, moment), moment.epoch])).outcome
    const first = await epochOf('a')
    expect(first).toBeGreaterThanOrEqual(1_000)
    const second = await epochOf('b')
    now = 500
    const third = await epochOf('c')
    expect(second).toBeGreaterThan(first)
    expect(third).toBeGreaterThan(second)
    now = 5_000
    expect(await epochOf('d')).toBeGreaterThanOrEqual(5_000)
  })

  test('a room that is made again in the same millisecond has a higher epoch', async () => {
    const store = await create(() => 1_000)
    const make = (): Promise<{ outcome: number }> =>
      store.update('r', (_, moment) => [roomOf('r', moment), moment.epoch])
    const first = await make()
    await store.update('r', () => [null, null])
    expect((await make()).outcome).toBeGreaterThan(first.outcome)
  })
}

const describeTrouble = ({ create }: StoreUnderTest): void => {
  test('a change that throws rejects and changes nothing', async () => {
    const store = await create(() => 1_000)
    await store.update('r', (_, moment) => [roomOf('r', moment), null])
    const failing = store.update('r', () => {
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    const { outcome } = await store.update('r', (current) => [current, current?.revision])
    expect(outcome).toBe(0)
  })

  test('a room comes back as JSON would bring it back', async () => {
    const store = await create(() => 1_000)
    const strange = { '': null, __proto__: 1, 'ключ 🪿': ['"', '\\', '\u2028'], deep: [[[{}]]] }
    const presence = JSON.parse(JSON.stringify(strange))
    await store.update('r', (_, moment) => [withMember(roomOf('r', moment), presence), null])
    const { outcome } = await store.update('r', (current) => [current, current])
    expect(outcome).toEqual(JSON.parse(JSON.stringify(outcome)))
    expect(outcome?.members[0]?.presence).toEqual(presence)
  })

  test('a store can be probed', async () => {
    const store = await create(() => 1_000)
    await expect(store.probe()).resolves.toBeUndefined()
    await store.close()
  })
}

const roomOf = (name: string, { epoch }: StoreMoment): Room =>
  createRoom({ name, epoch, policy, gatherUntil: null, keepUntil: null })

const policy = {
  memberGraceMs: 1,
  hostGraceMs: 1,
  maxMembers: 1,
  rebuildMs: 1,
  tokenRenewMs: 1,
}

const withMember = (room: Room, presence: Record<string, unknown>): Room => ({
  ...room,
  members: [
    {
      id: peerId('a'),
      joinOrder: 0,
      presence,
      canHost: true,
      priority: 0,
      online: false,
      connection: null,
      offlineSince: 1,
      generation: 0,
      tokenAt: 0,
      tokenTerm: 0,
      tokenOnline: 0,
      sub: null,
    },
  ],
})
