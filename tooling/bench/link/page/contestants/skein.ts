import { type Channel, joinRoom, type Room } from '@skein/sdk'
import { type Contestant, Inbox, type Pipe } from '../contestant.ts'

/** The SDK, through nothing but what it shows to everybody. */
export const skein: Contestant = {
  mayReuse: true,
  enter: async ({ room: name, servers }) => {
    const room = await joinRoom({ url: servers.skein, room: name })
    // Made at once: what comes before anybody listens is held for them.
    const [main, side] = [room.channel<Uint8Array>('bulk'), room.channel<Uint8Array>('side')]
    const opened = untilLinks(room, 1).then(() =>
      Object.assign(pipeOf(main), {
        side: () => Promise.resolve(pipeOf(side)),
        close: () => room.leave(),
      }),
    )
    return { opened }
  },
  gather: async ({ room: name, servers, count }) => {
    const room = await joinRoom({ url: servers.skein, room: name })
    await untilLinks(room, count - 1)
    return () => room.leave()
  },
}

/** Resolves when so many links are open. */
const untilLinks = (room: Room, count: number): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      const open = [...room.peers.values()].filter(({ link }) => link?.state === 'open')
      if (open.length >= count) resolve()
    }
    room.on('linkchange', look)
    look()
  })

const pipeOf = (channel: Channel<Uint8Array>): Pipe => {
  const inbox = new Inbox()
  channel.on('message', ({ data }) => inbox.take(data))
  return { send: (data) => channel.send(data), listen: inbox.listen }
}
