import { closeCodes, connectionId, peerId } from '@skein/protocol'
import { createRoom, type Room, type RoomEffect, type RoomPolicy } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import type { Commit, RoomVersion, Store, StoreMoment, UpdateResult } from './store.ts'

export interface StoreUnderTest {
  /** Creates an empty store. It uses the given clock if it has none of its own. */
  readonly create: (now: () => number) => Promise<StoreOfNode>
}

export interface StoreOfNode {
  readonly store: Store
  /** The node whose connections receive effects. */
  readonly node: string
}

/** Tests that every store must pass; call it from the test file of a store. */
export const describeStore = (store: StoreUnderTest): void => {
  describeReading(store)
  describeCommits(store)
  describeIsolation(store)
  describeEpochs(store)
  describeFailures(store)
}

const describeReading = ({ create }: StoreUnderTest): void => {
  test('a room that does not exist reads as null', async () => {
    const { store } = await create(() => 1_000)
    const { outcome } = await update(store, 'r', (current) => [null, current])
    expect(outcome).toBeNull()
  })

  test('a change receives the result of the change before it', async () => {
    const { store } = await create(() => 1_000)
    const commits = listenTo(store)
    const made = await update(store, 'r', (_, moment) => [roomOf('r', moment), 'made'])
    expect(made.outcome).toBe('made')
    const { outcome } = await update(store, 'r', (current) => [current, current])
    expect(outcome).not.toBeNull()
    expect(outcome).toEqual(commits[0]?.room)
  })

  test('a change that returns null removes the room', async () => {
    const { store } = await create(() => 1_000)
    await update(store, 'r', (_, moment) => [roomOf('r', moment), null])
    await update(store, 'r', () => [null, null])
    const { outcome } = await update(store, 'r', (current) => [current, current])
    expect(outcome).toBeNull()
  })
}

const describeCommits = ({ create }: StoreUnderTest): void => {
  test('a commit is delivered before its update resolves, with its effects in order', async () => {
    const { store, node } = await create(() => 1_000)
    const commits = listenTo(store)
    const effects: readonly RoomEffect[] = [goodbye(`${node}.1`), goodbye(`${node}.2`)]
    await store.update({
      name: 'r',
      known: null,
      change: (_, moment) => ({ room: roomOf('r', moment), effects, outcome: null }),
    })
    expect(commits).toMatchObject([{ name: 'r', effects, isOwn: true, room: { name: 'r' } }])
  })

  test('each commit has its own version and names the version it is based on', async () => {
    const { store } = await create(() => 1_000)
    const commits = listenTo(store)
    await update(store, 'r', (_, moment) => [roomOf('r', moment), null])
    await update(store, 'r', (room) => [room === null ? room : { ...room, revision: 1 }, null])
    await update(store, 'r', (room) => [room, null])
    const [first, second, third] = commits
    expect(second?.base).toBe(first?.version)
    expect(second?.version).toBeGreaterThan(first?.version ?? Number.NaN)
    expect([third?.base, third?.version]).toEqual([second?.version, second?.version])
  })

  test('a room that is created again has a higher version', async () => {
    const { store } = await create(() => 1_000)
    const commits = listenTo(store)
    await update(store, 'r', (_, moment) => [roomOf('r', moment), null])
    await update(store, 'r', () => [null, null])
    await update(store, 'r', (_, moment) => [roomOf('r', moment), null])
    const versions = commits.map(({ version }) => version)
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
  })

  test.each([
    ['nothing', (): null => null],
    ['an older version', ([first]: readonly Commit[]): RoomVersion | null => first ?? null],
    [
      'the latest version',
      (commits: readonly Commit[]): RoomVersion | null => commits.at(-1) ?? null,
    ],
  ])('an update that knows %s of the room changes the latest version', async (_, pick) => {
    const { store } = await create(() => 1_000)
    const commits = listenTo(store)
    await update(store, 'r', (_room, moment) => [roomOf('r', moment), null])
    await update(store, 'r', (room) => [room === null ? room : { ...room, revision: 7 }, null])
    const { outcome } = await store.update({
      name: 'r',
      known: pick(commits),
      change: (room) => ({ room, effects: [], outcome: room?.revision }),
    })
    expect(outcome).toBe(7)
  })
}

const describeIsolation = ({ create }: StoreUnderTest): void => {
  test.each(['__proto__', 'constructor', '../../x', '{r}', 'غرفة 🪿', 'a:b', '*'])(
    'a room can have the name %s',
    async (name) => {
      const { store } = await create(() => 1_000)
      await update(store, name, (_, moment) => [roomOf(name, moment), null])
      await update(store, 'other', (_, moment) => [roomOf('other', moment), null])
      const { outcome } = await update(store, name, (current) => [current, current?.name])
      expect(outcome).toBe(name)
    },
  )

  test('concurrent changes of one room run one after the other, and none is lost', async () => {
    const { store } = await create(() => 1_000)
    const add = (): Promise<unknown> =>
      update(store, 'r', (current, moment) => {
        const room = current ?? roomOf('r', moment)
        return [{ ...room, revision: room.revision + 1 }, null]
      })
    await Promise.all(Array.from({ length: 50 }, add))
    const { outcome } = await update(store, 'r', (current) => [current, current?.revision])
    expect(outcome).toBe(50)
  })

  test('changes of different rooms do not affect each other', async () => {
    const { store } = await create(() => 1_000)
    const names = Array.from({ length: 20 }, (_, n) => `room ${n}`)
    const make = (name: string): Promise<unknown> =>
      update(store, name, (_, moment) => [roomOf(name, moment), null])
    await Promise.all(names.map(make))
    const read = async (name: string): Promise<string | undefined> =>
      (await update(store, name, (current) => [current, current?.name])).outcome
    expect(await Promise.all(names.map(read))).toEqual(names)
  })
}

const describeEpochs = ({ create }: StoreUnderTest): void => {
  test('epochs follow the clock, and never go back', async () => {
    let now = 1_000
    const { store } = await create(() => now)
    const epochOf = async (name: string): Promise<number> =>
      (await update(store, name, (_, moment) => [roomOf(name, moment), moment.epoch])).outcome
    const first = await epochOf('a')
    expect(first).toBeGreaterThanOrEqual(1_000)
    const second = await epochOf('b')
    now = 500
    const third = await epochOf('c')
    expect(second).toBeGreaterThanOrEqual(first)
    expect(third).toBeGreaterThanOrEqual(second)
    now = 5_000
    expect(await epochOf('d')).toBeGreaterThanOrEqual(5_000)
  })

  test('a room that is created again in the same millisecond has a higher epoch', async () => {
    const { store } = await create(() => 1_000)
    const make = (): Promise<{ outcome: number }> =>
      update(store, 'r', (_, moment) => [roomOf('r', moment), moment.epoch])
    const first = await make()
    await update(store, 'r', () => [null, null])
    expect((await make()).outcome).toBeGreaterThan(first.outcome)
  })
}

const describeFailures = ({ create }: StoreUnderTest): void => {
  test('an update whose change throws rejects and changes nothing', async () => {
    const { store } = await create(() => 1_000)
    await update(store, 'r', (_, moment) => [roomOf('r', moment), null])
    const failing = update(store, 'r', () => {
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    const { outcome } = await update(store, 'r', (current) => [current, current?.revision])
    expect(outcome).toBe(0)
  })

  test('a room survives storage as it survives JSON', async () => {
    const { store } = await create(() => 1_000)
    const strange = { '': null, __proto__: 1, 'ключ 🪿': ['"', '\\', '\u2028'], deep: [[[{}]]] }
    const presence = JSON.parse(JSON.stringify(strange))
    await update(store, 'r', (_, moment) => [withMember(roomOf('r', moment), presence), null])
    const { outcome } = await update(store, 'r', (current) => [current, current])
    expect(outcome).toEqual(JSON.parse(JSON.stringify(outcome)))
    expect(outcome?.members[0]?.presence).toEqual(presence)
  })

  test('a store can be probed', async () => {
    const { store } = await create(() => 1_000)
    await expect(store.probe()).resolves.toBeUndefined()
    await store.close()
  })
}

/** An update without effects, by a node that does not know the room yet. */
const update = <Outcome>(
  store: Store,
  name: string,
  change: (room: Room | null, moment: StoreMoment) => readonly [Room | null, Outcome],
): Promise<UpdateResult<Outcome>> =>
  store.update({
    name,
    known: null,
    change: (before, moment) => {
      const [room, outcome] = change(before, moment)
      return { room, effects: [], outcome }
    },
  })

const listenTo = (store: Store): readonly Commit[] => {
  const commits: Commit[] = []
  store.subscribe((commit) => void commits.push(commit))
  return commits
}

const goodbye = (connection: string): RoomEffect => ({
  type: 'close',
  connection: connectionId(connection),
  code: closeCodes.goingAway,
})

const roomOf = (name: string, { epoch }: StoreMoment): Room =>
  createRoom({ name, epoch, policy: conformancePolicy, recoverUntil: null, keepUntil: null })

/** The policy of the rooms in these tests, and of the node that reads them. */
export const conformancePolicy: RoomPolicy = {
  memberGraceMs: 1,
  hostGraceMs: 1,
  reloadGraceMs: 3_000,
  maxMembers: 1,
  rebuildMs: 1,
  rebuildMinMs: 0,
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
      absence: 'lost',
      tokenSerial: 0,
      presentedSerial: -1,
      tokenAt: 0,
      tokenTerm: 0,
      tokenOnline: 0,
      tokenKicked: null,
      sub: null,
      isSingle: false,
    },
  ],
})
