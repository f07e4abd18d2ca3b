import { type Channel, joinRoom, type Room } from '@skein/sdk'
import { type Contestant, MessageBuffer, type Transport } from '../contestant.ts'

/** The SDK, through its public API only. */
export const skein: Contestant = {
  mayReuse: true,
  enter: async ({ room: name, servers }) => {
    const room = await joinRoom({ url: servers.skein, room: name })
    // Created immediately: channels hold messages until there is a listener.
    const [main, side] = [room.channel<Uint8Array>('bulk'), room.channel<Uint8Array>('side')]
    const opened = untilLinks(room, 1).then(() =>
      Object.assign(transportOf(main), {
        side: () => Promise.resolve(transportOf(side)),
        close: () => room.leave(),
      }),
    )
    return { opened }
  },
  joinMesh: async ({ room: name, servers, count }) => {
    const room = await joinRoom({ url: servers.skein, room: name })
    await untilLinks(room, count - 1)
    return () => room.leave()
  },
}

/** Resolves when `count` links are open. */
const untilLinks = (room: Room, count: number): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      const open = [...room.peers.values()].filter(({ link }) => link?.state === 'open')
      if (open.length >= count) resolve()
    }
    room.on('linkchange', look)
    look()
  })

const transportOf = (channel: Channel<Uint8Array>): Transport => {
  const buffer = new MessageBuffer()
  channel.on('message', ({ data }) => buffer.take(data))
  const send = async (data: Uint8Array): Promise<void> => void (await channel.send(data))
  return { send, listen: buffer.listen }
}
