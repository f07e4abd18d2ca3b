import { type ConnectionId, connectionId } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { Bus } from './bus.ts'

export interface BusUnderTest {
  readonly create: () => Promise<BusPair>
}

/** The bus that sends and the bus that receives: of two nodes, or the same one twice. */
export interface BusPair {
  readonly near: Bus
  readonly far: Bus
  /** The name of the node of `far`. */
  readonly node: string
}

/** Tests that every bus must pass; call it from the test file of a bus. */
export const describeBus = ({ create }: BusUnderTest): void => {
  test('a signal arrives byte for byte, and its promise resolves to true', async () => {
    const { near, far, node } = await create()
    const { signals } = listenTo({ near, far, node })
    const frame = Buffer.from('{"type":"signal","data":"ä🪿\\u0000"}')
    expect(await near.signal(here(node), frame, sender)).toBe(true)
    expect(signals).toEqual([{ to: here(node), frame }])
    await Promise.all([near.close(), far.close()])
  })

  test('a signal to an unknown connection resolves to false', async () => {
    const { near, far, node } = await create()
    listenTo({ near, far, node })
    expect(await near.signal(connectionId(`${node}.2`), Buffer.from('x'), sender)).toBe(false)
    await Promise.all([near.close(), far.close()])
  })

  test('signals between two connections arrive in the order sent', async () => {
    const { near, far, node } = await create()
    const { signals } = listenTo({ near, far, node })
    const frames = Array.from({ length: 50 }, (_, n) => Buffer.from(String(n)))
    await Promise.all(frames.map((frame) => near.signal(here(node), frame, sender)))
    expect(signals.map(({ frame }) => String(frame))).toEqual(frames.map(String))
    await Promise.all([near.close(), far.close()])
  })

  test('cancelling retransmits does not revoke a signal that has arrived', async () => {
    const { near, far, node } = await create()
    const { signals } = listenTo({ near, far, node })
    const taken = near.signal(here(node), Buffer.from('last word'), sender)
    near.cancelRetransmits(sender)
    expect(await taken).toBe(true)
    expect(signals.map(({ frame }) => String(frame))).toEqual(['last word'])
    await Promise.all([near.close(), far.close()])
  })

  test('a bus can be probed, and delivers nothing after it is closed', async () => {
    const { near, far, node } = await create()
    listenTo({ near, far, node })
    await expect(near.probe()).resolves.toBeUndefined()
    await Promise.all([near.close(), far.close()])
    expect(await near.signal(here(node), Buffer.from('x'), sender)).toBe(false)
  })
}

interface Received {
  readonly signals: readonly { readonly to: ConnectionId; readonly frame: Buffer }[]
}

const listenTo = ({ near, far, node }: BusPair): Received => {
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
