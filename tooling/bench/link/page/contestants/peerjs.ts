import { type DataConnection, Peer } from 'peerjs'
import { type Contestant, Inbox, type Meeting, type Pipe, type Servers } from '../contestant.ts'
import { plain } from '../raw-pipe.ts'

/** Over a server of its own. Its default packing, which cuts what is large. */
export const peerjs: Contestant = {
  mayReuse: false,
  enter: async (meeting) => {
    const { role, room, servers } = meeting
    const peer = await openPeer(`${room}-${role}`, servers)
    const opened = nextConnection(peer, meeting).then(async (connection) => ({
      ...pipeOf(connection),
      // A second one to the same peer is what it calls a second connection.
      side: async () => pipeOf(await nextConnection(peer, meeting)),
      close: () => peer.destroy(),
    }))
    return { opened }
  },
  gather: async ({ room, servers, index, count }) => {
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

const nextConnection = async (peer: Peer, { role, room }: Meeting): Promise<DataConnection> => {
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

/** It has no back-pressure to offer, so its channel is asked. */
const pipeOf = (connection: DataConnection): Pipe => {
  const inbox = new Inbox()
  connection.on('data', (data) => {
    if (data instanceof ArrayBuffer) inbox.take(new Uint8Array(data))
    else if (data instanceof Uint8Array) inbox.take(data)
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
    listen: inbox.listen,
  }
}
