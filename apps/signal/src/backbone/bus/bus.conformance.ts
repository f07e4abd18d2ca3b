import { type ConnectionId, connectionId } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { Bus } from './bus.ts'

export interface BusUnderTest {
  readonly create: () => Promise<BusPair>
}

/** A bus to send by, and the one that is to be reached: of another node, or the same. */
export interface BusPair {
  readonly near: Bus
  readonly far: Bus
  /** The name of the far one's node. */
  readonly node: string
}

/** What every bus must do; call it in a test file of the bus's own. */
export const describeBus = ({ create }: BusUnderTest): void => {
  test('a signal arrives byte for byte, and its sender learns that it did', async () => {
    const { near, far, node } = await create()
    const { signals } = listenTo({ near, far, node })
    const frame = Buffer.from('{"type":"signal","data":"ä🪿\\u0000"}')
    expect(await near.signal(here(node), frame, sender)).toBe(true)
    expect(signals).toEqual([{ to: here(node), frame }])
    await Promise.all([near.close(), far.close()])
  })

  test('the sender of a signal that nobody takes learns that too', async () => {
    const { near, far, node } = await create()
    listenTo({ near, far, node })
    expect(await near.signal(connectionId(`${node}.2`), Buffer.from('x'), sender)).toBe(false)
    await Promise.all([near.close(), far.close()])
  })

  test('signals from one to another arrive in the order sent', async () => {
    const { near, far, node } = await create()
    const { signals } = listenTo({ near, far, node })
    const frames = Array.from({ length: 50 }, (_, n) => Buffer.from(String(n)))
    await Promise.all(frames.map((frame) => near.signal(here(node), frame, sender)))
    expect(signals.map(({ frame }) => String(frame))).toEqual(frames.map(String))
    await Promise.all([near.close(), far.close()])
  })

  test('what arrived of a connection that has ended has arrived', async () => {
    const { near, far, node } = await create()
    const { signals } = listenTo({ near, far, node })
    const taken = near.signal(here(node), Buffer.from('last word'), sender)
    near.cancelRetransmits(sender)
    expect(await taken).toBe(true)
    expect(signals.map(({ frame }) => String(frame))).toEqual(['last word'])
    await Promise.all([near.close(), far.close()])
  })

  test('a bus can be probed, and after its end nobody is reached', async () => {
    const { near, far, node } = await create()
    listenTo({ near, far, node })
    await expect(near.probe()).resolves.toBeUndefined()
    await Promise.all([near.close(), far.close()])
    expect(await near.signal(here(node), Buffer.from('x'), sender)).toBe(false)
  })
}

interface Heard {
  readonly signals: readonly { readonly to: ConnectionId; readonly frame: Buffer }[]
}

const listenTo = ({ near, far, node }: BusPair): Heard => {
  const signals: { readonly to: ConnectionId; readonly frame: Buffer }[] = []
  if (near !== far) near.subscribe({ signal: () => false })
  far.subscribe({
    signal: (to, frame) => {
      if (to !== here(node)) return false
      signals.push({ to, frame })
      return true
    },
  })
  return { signals }
}

const here = (node: string): ConnectionId => connectionId(`${node}.1`)
const sender = connectionId('near.1')
