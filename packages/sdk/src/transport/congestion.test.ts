import { expect, test } from 'vitest'
import { type FrameChannel, mainLabel } from '../link/link.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { FrameWriter, frameVersion, helloRecord } from './frame.ts'
import type { Message } from './outgoing.ts'
import { PeerTransport } from './peer-transport.ts'
import { messageOf } from './peer-transport-pair.testing.ts'
import { UnreliableChannels } from './unreliable-channels.ts'

interface FakeFrameChannel extends Omit<FrameChannel, 'send'> {
  bufferedAmount: number
  isOpen: boolean
  readonly sent: Uint8Array[]
  send: FrameChannel['send']
}

const frameChannel = (label: string): FakeFrameChannel => {
  const sent: Uint8Array[] = []
  return {
    label,
    sent,
    isOpen: true,
    bufferedAmount: 0,
    maxMessageSize: 262_144,
    send: (frame) => sent.push(frame.slice()),
    ondrain: null,
  }
}

/** A transport whose peer never acknowledges, with an open main channel and an unreliable one. */
const setUp = () => {
  const clock = virtualClock()
  const main = frameChannel(mainLabel)
  const moves = frameChannel('c:moves')
  let isLinkOpen = true
  const transport = new PeerTransport({
    maxMessageBytes: 1_000_000,
    clock,
    random: () => 0,
    unreliable: (writer, settle) =>
      new UnreliableChannels(() => (isLinkOpen ? moves : null), writer, settle),
    message: () => {},
    gap: () => {},
    held: () => {},
    violated: (reason) => expect.fail(reason),
  })
  const open = () => {
    isLinkOpen = true
    main.sent.length = 0
    transport.opened(main)
    const writer = new FrameWriter()
    writer.record(helloRecord, frameVersion, frameVersion, 1_000_000, 1, 0, 0)
    transport.frame(mainLabel, writer.finish())
  }
  const cut = () => {
    isLinkOpen = false
    transport.interrupted()
  }
  const send = (number: number, options: Partial<Message> = {}, bytes = 500) =>
    transport.send(moveOf(number, options, bytes), false)
  open()
  return { clock, main, moves, transport, open, cut, send }
}

const lossy = { label: 'c:moves', ordered: false, maxRetransmits: 0, maxPacketLifeTime: null }

const moveOf = (number: number, options: Partial<Message>, bytes: number) =>
  messageOf(`#${number} `.padEnd(bytes, '.'), { label: 'moves', frameChannel: lossy, ...options })

/** The numbers of the messages in these frames. */
const numbersIn = (frames: readonly Uint8Array[]): number[] => {
  const text = frames.map((frame) => new TextDecoder().decode(frame)).join()
  return [...text.matchAll(/#(\d+) /g)].map(([, number]) => Number(number))
}

test('a congested unreliable channel drops messages and never sends them on the main channel', async () => {
  const { clock, main, moves, send } = setUp()
  send(0)
  moves.bufferedAmount = 300_000
  const items = Array.from({ length: 600 }, (_, at) => send(at + 1))
  await clock.advance(10_000)
  expect(new Set(items.map(({ result }) => result))).toEqual(new Set(['queue-full']))
  expect([numbersIn(moves.sent), numbersIn(main.sent)]).toEqual([[0], []])
  moves.bufferedAmount = 0
  send(601)
  expect(numbersIn(moves.sent)).toEqual([0, 601])
})

test('while the connection is replaced, an unreliable channel drops: what arrives later is not stale', async () => {
  const { clock, main, moves, open, cut, send } = setUp()
  send(0)
  cut()
  const items = Array.from({ length: 600 }, (_, at) => send(at + 1))
  await clock.advance(10_000)
  expect(items.filter(({ result }) => result === 'queue-full').length).toBe(600)
  open()
  send(601)
  await clock.advance(100)
  expect([numbersIn(moves.sent), numbersIn(main.sent)]).toEqual([[0, 601], []])
})

test('an unordered channel that is reliable loses nothing: congested, it uses the main channel', async () => {
  const { clock, main, moves, send } = setUp()
  const frameChannelOf = { ...lossy, maxRetransmits: null }
  moves.bufferedAmount = 300_000
  for (let number = 0; number < 50; number += 1) send(number, { frameChannel: frameChannelOf })
  await clock.advance(100)
  expect(numbersIn(main.sent)).toEqual(Array.from({ length: 50 }, (_, number) => number))
})

for (const kind of ['unreliable', 'reliable'] as const) {
  const options = { keepsLatest: true, ...(kind === 'reliable' && { frameChannel: null }) }

  test(`with keep: latest, a channel (${kind}) keeps only the newest message while the link is down`, async () => {
    const { clock, main, moves, open, cut, send } = setUp()
    send(0, options)
    await clock.advance(1)
    cut()
    const items = Array.from({ length: 600 }, (_, at) => send(at + 1, options))
    // Those that were replaced count as reached: the newest says it all.
    expect(items.slice(0, -1).every(({ result }) => result === null)).toBe(true)
    open()
    moves.sent.length = 0
    send(601, { ...options, label: 'other' })
    await clock.advance(100)
    const numbers = [...numbersIn(main.sent), ...numbersIn(moves.sent)]
    expect(numbers.filter((number) => number > 0).sort()).toEqual([600, 601])
  })
}

test('with keep: latest, a congested unreliable channel sends only the newest message when it drains', async () => {
  const { main, moves, send } = setUp()
  send(0, { keepsLatest: true })
  moves.bufferedAmount = 1_000
  for (let number = 1; number < 600; number += 1) send(number, { keepsLatest: true })
  expect(numbersIn(moves.sent)).toEqual([0])
  moves.bufferedAmount = 0
  moves.ondrain?.()
  expect([numbersIn(moves.sent), numbersIn(main.sent)]).toEqual([[0, 599], []])
})

test('with keep: latest, an ack that was asked for a replaced message fails with queue-full', async () => {
  const { transport, cut } = setUp()
  cut()
  const options = { keepsLatest: true, frameChannel: null }
  const [first, second] = [1, 2].map((number) => transport.send(moveOf(number, options, 500), true))
  expect([first?.result, second?.result]).toEqual(['queue-full', undefined])
})

test('with keep: latest, a message that was settled while it was held is not sent', async () => {
  const { transport, moves, send } = setUp()
  moves.bufferedAmount = 1_000
  const held = send(1, { keepsLatest: true })
  transport.settle(held, 'timeout')
  moves.bufferedAmount = 0
  moves.ondrain?.()
  expect(numbersIn(moves.sent)).toEqual([])
})

test('with keep: latest, a path that acknowledges nothing for half a second gets only the newest message', async () => {
  const { clock, main, send } = setUp()
  for (let number = 0; number < 600; number += 1) {
    send(number, { keepsLatest: true, frameChannel: null })
    await clock.advance(16)
  }
  expect(numbersIn(main.sent).length).toBeLessThan(40)
})

test('a data channel that throws loses one unreliable message and nothing else', async () => {
  const { moves, send } = setUp()
  moves.send = () => {
    throw new Error('queue is full')
  }
  expect(send(1).result).toBe('queue-full')
})
