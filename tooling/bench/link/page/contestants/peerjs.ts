import { type DataConnection, Peer } from 'peerjs'
import {
  type Contestant,
  MessageBuffer,
  type PairSetup,
  type Servers,
  type Transport,
} from '../contestant.ts'
import { plain } from '../raw-transport.ts'

/** PeerJS over its own server, with its default serialization, which splits large messages. */
export const peerjs: Contestant = {
  mayReuse: false,
  enter: async (setup) => {
    const { role, room, servers } = setup
    const peer = await openPeer(`${room}-${role}`, servers)
    const opened = nextConnection(peer, setup).then(async (connection) => ({
      ...transportOf(connection),
      // PeerJS offers a second data connection to the same peer.
      side: async () => transportOf(await nextConnection(peer, setup)),
      close: () => peer.destroy(),
    }))
    return { opened }
  },
  joinMesh: async ({ room, servers, index, count }) => {
    const idOf = (at: number): string => `${room}-${at}`
    const peer = await openPeer(idOf(index), servers)
    const all = Promise.withResolvers<void>()
    let open = 0
    const watch = (connection: DataConnection): void => {
      connection.on('open', () => {
        open += 1
        if (open === count - 1) all.resolve()
      })
    }
    peer.on('connection', watch)
    for (let at = 0; at < index; at += 1) watch(peer.connect(idOf(at), { reliable: true }))
    await all.promise
    return () => peer.destroy()
  },
}

const openPeer = async (id: string, { peerjsPort }: Servers): Promise<Peer> => {
  const config = { iceServers: [] }
  const peer = new Peer(id, { host: '127.0.0.1', port: peerjsPort, path: '/', config })
  await new Promise((resolve, reject) => {
    peer.on('open', resolve)
    peer.on('error', reject)
  })
  return peer
}

const nextConnection = async (peer: Peer, { role, room }: PairSetup): Promise<DataConnection> => {
  const connection =
    role === 'joining'
      ? peer.connect(`${room}-waiting`, { reliable: true })
      : await new Promise<DataConnection>((resolve) => peer.once('connection', resolve))
  await new Promise<void>((resolve, reject) => {
    connection.on('open', resolve)
    connection.on('error', reject)
  })
  return connection
}

/** PeerJS has no back-pressure API, so this uses the `bufferedAmount` of its channel. */
const transportOf = (connection: DataConnection): Transport => {
  const buffer = new MessageBuffer()
  connection.on('data', (data) => {
    if (data instanceof ArrayBuffer) buffer.take(new Uint8Array(data))
    else if (data instanceof Uint8Array) buffer.take(data)
  })
  const channel = connection.dataChannel
  channel.bufferedAmountLowThreshold = plain.lowBytes
  const low = (): Promise<void> =>
    new Promise((resolve) => {
      channel.addEventListener('bufferedamountlow', () => resolve(), { once: true })
    })
  return {
    send: (data) => {
      void connection.send(data)
      return channel.bufferedAmount > plain.highBytes ? low() : undefined
    },
    listen: buffer.listen,
  }
}
