import { encode, type IceServer } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { JoinOptions, Room } from '../api.ts'
import { fakeWorld } from './fake-world.testing.ts'

const turn = (username: string): IceServer => ({
  urls: 'turn:192.0.2.1',
  username,
  credential: 'c',
})

/** A machine that records the configurations of its connections and can inject server messages. */
const recordConfigurations = (world: ReturnType<typeof fakeWorld>, machine: string) => {
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
  const receive = (iceServers: readonly IceServer[]) => {
    const data = encode({ type: 'ice-servers', iceServers })
    for (const socket of sockets) socket.onmessage?.(new MessageEvent('message', { data }))
  }
  const latest = () =>
    [...configurations]
      // The connection with the pre-created offer is closed when the room is empty.
      .filter(([{ connectionState }]) => connectionState !== 'closed')
      .map(([, configuration]) => configuration?.iceServers)
  return { options, receive, latest }
}

test('new ICE servers reach open and future links, after the servers of the application', async () => {
  const world = fakeWorld()
  const own = { urls: 'stun:192.0.2.9' }
  const { options, receive, latest } = recordConfigurations(world, 'ann')
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
  receive([turn('first')])
  receive([turn('second')])
  expect(latest()).toEqual([[own, turn('second')]])
  await join('cid')
  expect(latest()).toEqual([
    [own, turn('second')],
    [own, turn('second')],
  ])
})
