import { encode, type IceServer } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { JoinOptions, Room } from '../api.ts'
import { fakeWorld } from './fake-world.testing.ts'

const turn = (username: string): IceServer => ({
  urls: 'turn:192.0.2.1',
  username,
  credential: 'c',
})

/** A machine that tells what its connections are to gather with, and hears what the server says. */
const tapped = (world: ReturnType<typeof fakeWorld>, machine: string) => {
  const sockets: WebSocket[] = []
  const configurations = new Map<RTCPeerConnection, RTCConfiguration | undefined>()
  const options = {
    WebSocket: class extends world.signaling.port(machine) {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols)
        sockets.push(this)
      }
    },
    RTCPeerConnection: class extends world.network.port(machine) {
      constructor(configuration?: RTCConfiguration) {
        super(configuration)
        configurations.set(this, configuration)
      }
      override setConfiguration(configuration?: RTCConfiguration): void {
        super.setConfiguration(configuration)
        configurations.set(this, configuration)
      }
    },
  }
  const hear = (iceServers: readonly IceServer[]) => {
    const data = encode({ type: 'ice-servers', iceServers })
    for (const socket of sockets) socket.onmessage?.(new MessageEvent('message', { data }))
  }
  const latest = () =>
    [...configurations]
      // The first that is made on the way into a room is closed when nobody is there.
      .filter(([{ connectionState }]) => connectionState !== 'closed')
      .map(([, configuration]) => configuration?.iceServers)
  return { options, hear, latest }
}

test('fresh ICE servers reach the links that stand and those that come, after the own of the application', async () => {
  const world = fakeWorld()
  const own = { urls: 'stun:192.0.2.9' }
  const { options, hear, latest } = tapped(world, 'ann')
  const rooms: Room[] = []
  const isMeshed = ({ peers }: Room) =>
    peers.size === rooms.length - 1 &&
    [...peers.values()].every(({ link }) => link?.state === 'open')
  const join = async (machine: string, more: Partial<JoinOptions> = {}) => {
    const count = rooms.length
    const joining = world.begin(machine, more).then((room) => rooms.push(room))
    await world.clock.until(() => rooms.length > count)
    await joining
    await world.clock.until(() => rooms.every(isMeshed))
  }
  await join('ann', { ...options, rtc: { iceServers: [own] } })
  await join('ben')
  expect(latest()).toEqual([[own]])
  hear([turn('first')])
  hear([turn('second')])
  expect(latest()).toEqual([[own, turn('second')]])
  await join('cid')
  expect(latest()).toEqual([
    [own, turn('second')],
    [own, turn('second')],
  ])
})
