import { type ConnectionId, connectionId } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { Bus } from './bus.ts'

export interface BusUnderTest {
  /** A bus that reaches itself. */
  readonly create: () => Promise<Bus>
}

/** What every bus must do; call it in a test file of the bus's own. */
export const describeBus = ({ create }: BusUnderTest): void => {
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
  readonly signals: readonly { readonly to: ConnectionId; readonly frame: Buffer }[]
}

const listenTo = (bus: Bus): Heard => {
  const signals: { readonly to: ConnectionId; readonly frame: Buffer }[] = []
  bus.subscribe({
    signal: (to, frame) => {
      if (to !== connectionId('here')) return false
      signals.push({ to, frame })
      return true
    },
  })
  return { signals }
}
