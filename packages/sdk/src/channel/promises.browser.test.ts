import { afterEach, expect, test, vi } from 'vitest'
import type { ChannelOptions, JoinOptions, Room, SendOutcome } from '../api.ts'
import { enter, enterTogether, freshRoom, leaveAll, until } from '../room/rooms.testing.ts'

afterEach(leaveAll)
afterEach(() => void vi.unstubAllGlobals())

/** Their links are open, and the code that loads later is there. */
const ready = async (rooms: readonly Room[]): Promise<void> => {
  const sends = rooms.map((room) => {
    room.channel('ready').on('message', () => {})
    return room.channel('ready').send(1, { ack: true })
  })
  await Promise.all(sends)
}

const gather = async (size: number): Promise<Room[]> => {
  const rooms = await enterTogether(size)
  await ready(rooms)
  return rooms
}

/** The data channels of a peer's connections by label, the newest last. */
const recordChannels = (created: (channel: RTCDataChannel) => void = () => {}) => {
  const channels = new Map<string, RTCDataChannel[]>()
  class Recorded extends RTCPeerConnection {
    override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
      const channel = super.createDataChannel(label, init)
      channels.set(label, [...(channels.get(label) ?? []), channel])
      created(channel)
      return channel
    }
  }
  return { channels, port: Recorded }
}

/** Ann and Ben, and Cid with other options. */
const gatherWith = async (options: Partial<JoinOptions>) => {
  const name = freshRoom()
  const rooms = [await enter(name), await enter(name), await enter(name, options)]
  await Promise.all(rooms.map((room) => until(room, () => room.peers.size === 2)))
  await ready(rooms)
  return rooms as [Room, Room, Room]
}

test('what was sent before leaving arrives', async () => {
  const [ann, ben] = (await gather(2)) as [Room, Room]
  const received: unknown[] = []
  const last = new Promise<void>((resolve) => {
    ben.channel('x').on('message', ({ data }) => {
      received.push(data)
      if (data === 'last') resolve()
    })
  })
  const undelivered: unknown[] = []
  ann.on('undelivered', (event) => undelivered.push(event))
  await ann.channel('x').send('one')
  await ann.channel('x').send('last')
  await ann.leave()
  await last
  expect([received, undelivered]).toEqual([['one', 'last'], []])
})

test('a channel whose listener was removed acknowledges nothing', async () => {
  const [ann, ben] = (await gather(2)) as [Room, Room]
  ben.channel('x').on('message', () => {})()
  const sent = ann.channel('x').send(2, { ack: true, timeoutMs: 500, to: ben.self.id })
  await expect(sent).rejects.toMatchObject({ code: 'timeout' })
})

test('a peer that never opens a channel, and a reader that is stuck, stop nobody', async () => {
  const [ann, ben, cid] = (await gather(3)) as [Room, Room, Room]
  const counts = { unopened: 0, stuck: 0 }
  for (const label of ['unopened', 'stuck'] as const) {
    ben.channel(label).on('message', () => {
      counts[label] += 1
    })
  }
  const reader = cid.channel('stuck')[Symbol.asyncIterator]()
  const first = reader.next()
  const bytes = new Uint8Array(60_000)
  const outcomes: SendOutcome[] = []
  for (const label of ['unopened', 'stuck']) {
    for (let number = 0; number < 100; number += 1) {
      outcomes.push(await ann.channel<Uint8Array>(label).send(bytes, { timeoutMs: 1_000 }))
    }
  }
  await first
  expect(outcomes.every(({ reached }) => reached.includes(ben.self.id))).toBe(true)
  const codes = outcomes.map(({ failed }) => failed.get(cid.self.id))
  expect(new Set(codes.slice(0, 100))).toEqual(new Set([undefined]))
  expect(codes.at(-1)).toBe('timeout')
  for (const label of ['unopened', 'stuck']) {
    await ann.channel(label).send('last', { ack: true, to: ben.self.id })
  }
  expect(counts).toEqual({ unopened: 101, stuck: 101 })
})

test('a send to all resolves although one link has failed, and the outcome names it', async () => {
  const { channels, port } = recordChannels()
  const [ann, ben, cid] = await gatherWith({ RTCPeerConnection: port })
  ben.channel('x').on('message', () => {})
  // Malformed frames: the others close their links to Cid, and keep them closed.
  for (const channel of channels.get('skein') ?? []) {
    if (channel.readyState === 'open') channel.send(new Uint8Array([255, 255]))
  }
  await until(ann, () => ann.peers.get(cid.self.id)?.link?.state === 'failed')
  const failed = new Map([[cid.self.id, 'peer-unreachable']])
  for (const ack of [false, true]) {
    const outcome = await ann.channel('x').send(1, { ack })
    expect(outcome).toEqual({ reached: [ben.self.id], failed })
  }
  const named = ann.channel('x').send(1, { to: [ben.self.id, cid.self.id] })
  await expect(named).rejects.toMatchObject({ code: 'peer-unreachable', cause: { failed } })
})

test('pages before and after a deploy, which know other versions of the frame format, can talk', async () => {
  const { port } = recordChannels((channel) => {
    const send = channel.send.bind(channel) as (data: unknown) => void
    if (channel.label !== 'skein') return
    channel.send = (data: unknown) => {
      const frame = new Uint8Array(
        ArrayBuffer.isView(data) ? data.buffer.slice(0) : (data as ArrayBuffer),
      )
      const isHello = frame[0] === 0 && frame[1] === frame[2]
      // A later page knows more versions, and says more in its hello.
      if (isHello) send(new Uint8Array([0, frame[1] ?? 0, 99, ...frame.slice(3), 7, 7]))
      else send(data)
    }
  })
  const [ann, ben, cid] = await gatherWith({ RTCPeerConnection: port })
  expect(cid.peers.get(ann.self.id)?.link?.state).toBe('open')
  const received: unknown[] = []
  for (const room of [ann, ben]) room.channel('x').on('message', ({ data }) => received.push(data))
  await cid.channel('x').send('from a later page', { ack: true })
  expect(received).toEqual(['from a later page', 'from a later page'])
})

test('a typed array that the receiving page lacks arrives as its bytes, and the link stays open', async () => {
  const [ann, ben] = (await gather(2)) as [Room, Room]
  const errors: string[] = []
  const received: unknown[] = []
  ben.on('error', ({ error }) => errors.push(error.message))
  ben.channel<unknown>('x').on('message', ({ data }) => received.push(data))
  const numbers = [new Float16Array([1.5]), new Float16Array([2])]
  vi.stubGlobal('Float16Array', undefined)
  for (const each of numbers) await ann.channel<unknown>('x').send(each, { ack: true })
  expect(received).toEqual([new Uint8Array([0, 0x3e]), new Uint8Array([0, 0x40])])
  expect(errors).toEqual([expect.stringContaining('Float16Array')])
  expect(ann.peers.get(ben.self.id)?.link?.state).toBe('open')
})

test('a congested unreliable channel drops messages, and nothing stale arrives later', async () => {
  const { channels, port } = recordChannels()
  const [ann, , cid] = await gatherWith({ RTCPeerConnection: port })
  let received = 0
  ann.channel<string>('moves').on('message', ({ data }) => {
    if (data.length > 1_000) received += 1
  })
  const moves = cid.channel<string>('moves', { maxRetransmits: 0 })
  const countOpen = async () => {
    await moves.send('open')
    return channels.get('c:moves')?.filter(({ readyState }) => readyState === 'open').length
  }
  await expect.poll(countOpen).toBe(2)
  const count = 5_000
  const filler = 'x'.repeat(1_000)
  const burst = Array.from({ length: count }, (_, number) => moves.send(`${number} ${filler}`))
  const outcomes = await Promise.all(burst)
  // Behind everything that could have been queued on the reliable stream.
  await cid.channel('ready').send(2, { ack: true })
  const reached = outcomes.filter((outcome) => outcome.reached.includes(ann.self.id))
  const codes = new Set(outcomes.map(({ failed }) => failed.get(ann.self.id)))
  expect(codes).toEqual(new Set([undefined, 'queue-full']))
  expect(reached.length).toBeLessThan(count)
  expect(received).toBeGreaterThan(0)
  expect(received).toBeLessThanOrEqual(reached.length)
})

test('bytes of another window arrive as what they are', async () => {
  const [ann, ben] = (await gather(2)) as [Room, Room]
  const frame = document.body.appendChild(document.createElement('iframe'))
  const other = frame.contentWindow as unknown as typeof globalThis
  const received: unknown[] = []
  ben.channel<unknown>('x').on('message', ({ data }) => received.push(data))
  const channel = ann.channel<unknown>('x')
  for (const data of [
    new other.ArrayBuffer(3),
    new other.Blob(['abc']),
    new other.File(['abc'], 'a.txt'),
    new other.Uint8Array([1]),
  ]) {
    await channel.send(data, { ack: true })
  }
  await expect(channel.send(new other.Map())).rejects.toMatchObject({ code: 'bad-argument' })
  frame.remove()
  expect(received).toEqual([
    new ArrayBuffer(3),
    expect.any(Blob),
    expect.any(File),
    new Uint8Array([1]),
  ])
})

const kinds: readonly (readonly [string, ChannelOptions])[] = [
  ['reliable', {}],
  ['unreliable', { maxRetransmits: 0 }],
]

for (const [kind, options] of kinds) {
  test(`a channel that keeps the latest message delivers the newest one, and few before it: ${kind}`, async () => {
    const [ann, ben] = (await gather(2)) as [Room, Room]
    const received: number[] = []
    const newest = new Promise<void>((resolve) => {
      ben.channel<number>('moves').on('message', ({ data }) => {
        received.push(data)
        if (data === 999) resolve()
      })
    })
    const moves = ann.channel<number>('moves', { ...options, keep: 'latest' })
    for (let number = 0; number < 1_000; number += 1) void moves.send(number)
    await newest
    expect(received.length).toBeLessThan(500)
    expect(received).toEqual(received.toSorted((one, other) => one - other))
  })
}
