import type { Connection, Contestant, Pipe } from './contestant.ts'
import { makeRawLink, negotiatedChannel, type RawLink, untilOpen } from './raw-link.ts'
import { gatherLinks, meet } from './raw-meeting.ts'
import { plain, plainPipe } from './raw-pipe.ts'

/** The channels that the main pipe of a raw contestant needs, by their ids from 0 on. */
export interface RawPipe {
  readonly channels: number
  readonly make: (channels: readonly RTCDataChannel[]) => Pipe
}

const sideId = 9

/** A connection without any library, over Skein's own signaling server. */
export const rawContestant = ({
  channels: count,
  make,
}: RawPipe): Pick<Contestant, 'enter' | 'gather'> => {
  const open = async ({ connection }: RawLink, leave: () => void): Promise<Connection> => {
    const channels = Array.from({ length: count }, (_, id) => negotiatedChannel(connection, id))
    // Before it is open, so that nothing comes too early.
    const pipe = make(channels)
    await Promise.all(channels.map(untilOpen))
    return {
      ...pipe,
      side: async () => {
        const channel = negotiatedChannel(connection, sideId)
        const side = plainPipe(channel, plain)
        await untilOpen(channel)
        return side
      },
      close: () => {
        connection.close()
        leave()
      },
    }
  }
  return {
    enter: async (meeting) => {
      const opened = Promise.withResolvers<Connection>()
      const leave = await meet(meeting, (send) => {
        const link = makeRawLink(send)
        opened.resolve(open(link, () => leave()))
        return link
      })
      return { opened: opened.promise }
    },
    gather: async (gathering) => {
      const { links, leave } = await gatherLinks(gathering, (send) => {
        const link = makeRawLink(send)
        return { ...link, opened: open(link, () => null) }
      })
      const connections = await Promise.all(links.map(({ opened }) => opened))
      return () => {
        for (const { close } of connections) void close()
        leave()
      }
    },
  }
}
