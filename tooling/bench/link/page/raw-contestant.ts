import type { Connection, Contestant, Transport } from './contestant.ts'
import { openMeshLinks, openPairLink } from './open-links.ts'
import { makeRawLink, negotiatedChannel, type RawLink, untilOpen } from './raw-link.ts'
import { plain, plainTransport } from './raw-transport.ts'

/** How many channels the main transport needs (ids from 0), and how to build it. */
export interface RawTransport {
  readonly channels: number
  readonly make: (channels: readonly RTCDataChannel[]) => Transport
}

const sideId = 9

/** A connection without any library, over Skein's own signaling server. */
export const rawContestant = ({
  channels: count,
  make,
}: RawTransport): Pick<Contestant, 'enter' | 'joinMesh'> => {
  const open = async ({ connection }: RawLink, leave: () => void): Promise<Connection> => {
    const channels = Array.from({ length: count }, (_, id) => negotiatedChannel(connection, id))
    // Before the channels open, so that no message is missed.
    const transport = make(channels)
    await Promise.all(channels.map(untilOpen))
    return {
      ...transport,
      side: async () => {
        const channel = negotiatedChannel(connection, sideId)
        const side = plainTransport(channel, plain)
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
    enter: async (setup) => {
      const opened = Promise.withResolvers<Connection>()
      const leave = await openPairLink(setup, (send) => {
        const link = makeRawLink(send)
        opened.resolve(open(link, () => leave()))
        return link
      })
      return { opened: opened.promise }
    },
    joinMesh: async (setup) => {
      const { links, leave } = await openMeshLinks(setup, (send) => {
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
