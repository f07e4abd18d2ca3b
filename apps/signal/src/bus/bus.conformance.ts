import { type ConnectionId, closeCodes, connectionId, errorMessage } from '@skein/protocol'
import type { RoomEffect } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import type { Bus } from './bus.ts'

export interface BusUnderTest {
  /** A bus that reaches itself. */
  readonly create: () => Promise<Bus>
}

/** What every bus must do; call it in a test file of the bus's own. */
export const describeBus = ({ create }: BusUnderTest): void => {
  test('effects arrive as they were published, in order', async () => {
    const bus = await create()
    const { effects, received } = listenTo(bus)
    const batches = Array.from({ length: 20 }, (_, n) => [sendOf(n), closeOf(n)])
    for (const batch of batches) bus.publish(batch)
    await received(40)
    expect(effects).toEqual(batches.flat())
    await bus.close()
  })

  test('a signal arrives byte for byte, and its sender learns that it did', async () => {
    const bus = await create()
    const { signals } = listenTo(bus)
    const frame = Buffer.from('{"type":"signal","data":"ä🪿\\u0000"}')
    expect(await bus.signal(connectionId('here'), frame)).toBe(true)
    expect(signals).toEqual([{ to: 'here', frame }])
    await bus.close()
  })

  test('the sender of a signal that nobody takes learns that too', async () => {
    const bus = await create()
    listenTo(bus)
    expect(await bus.signal(connectionId('gone'), Buffer.from('x'))).toBe(false)
    await bus.close()
  })

  test('signals from one to another arrive in the order sent', async () => {
    const bus = await create()
    const { signals } = listenTo(bus)
    const frames = Array.from({ length: 50 }, (_, n) => Buffer.from(String(n)))
    await Promise.all(frames.map((frame) => bus.signal(connectionId('here'), frame)))
    expect(signals.map(({ frame }) => String(frame))).toEqual(frames.map(String))
    await bus.close()
  })

  test('a bus can be probed, and after its end nobody is reached', async () => {
    const bus = await create()
    listenTo(bus)
    await expect(bus.probe()).resolves.toBeUndefined()
    await bus.close()
    expect(await bus.signal(connectionId('here'), Buffer.from('x'))).toBe(false)
  })
}

interface Heard {
  readonly effects: readonly RoomEffect[]
  readonly signals: readonly { readonly to: ConnectionId; readonly frame: Buffer }[]
  readonly received: (count: number) => Promise<void>
}

const listenTo = (bus: Bus): Heard => {
  const effects: RoomEffect[] = []
  const signals: { readonly to: ConnectionId; readonly frame: Buffer }[] = []
  bus.subscribe({
    effects: (batch) => void effects.push(...batch),
    signal: (to, frame) => {
      if (to !== connectionId('here')) return false
      signals.push({ to, frame })
      return true
    },
  })
  const received = (count: number): Promise<void> => expect.poll(() => effects.length).toBe(count)
  return { effects, signals, received }
}

const sendOf = (n: number): RoomEffect => ({
  type: 'send',
  to: [connectionId('here'), connectionId('there')],
  message: errorMessage({ code: 'not-host', message: `number ${n}`, about: null }),
})
const closeOf = (n: number): RoomEffect => ({
  type: 'close',
  connection: connectionId(`c${n}`),
  code: closeCodes.superseded,
})
