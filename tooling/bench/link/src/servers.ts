import type { Server } from 'node:http'
import { startServer } from '@skein/signal'
import { PeerServer } from 'peer'
import type { Servers } from '../page/contestant.ts'
import { startTopicRelay } from './topic-relay.ts'

export interface RunningServers {
  readonly addresses: Servers
  readonly close: () => Promise<void>
}

/** The servers that the contestants need to find each other, all on loopback. */
export const startServers = async (): Promise<RunningServers> => {
  const skein = await startServer({
    port: 0,
    host: '127.0.0.1',
    logLevel: 'error',
    secret: 'a secret for benchmarks, 32 bytes or more',
    // A new server has no former members that could resume.
    rebuildMs: 0,
    // Many clients share one address.
    joinsPerMinutePerIp: 1_000_000,
  })
  const peerjs = await startPeerServer()
  const topics = await startTopicRelay()
  return {
    addresses: {
      skein: `ws://127.0.0.1:${skein.port}/ws`,
      peerjsPort: peerjs.port,
      topics: topics.url,
    },
    close: async () => {
      topics.close()
      peerjs.close()
      await skein.close()
    },
  }
}

const startPeerServer = async (): Promise<{
  readonly port: number
  readonly close: () => void
}> => {
  const server = await new Promise<Server>((resolve) => {
    PeerServer({ port: 0, host: '127.0.0.1', path: '/' }, (listening) => {
      if ('maxHeadersCount' in listening) resolve(listening)
    })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
