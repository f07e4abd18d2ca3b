import SimplePeer, { type SignalData } from 'simple-peer/simplepeer.min.js'
import {
  type Connection,
  type Contestant,
  MessageBuffer,
  type PairSetup,
  type Transport,
} from '../contestant.ts'
import { type LinkEnd, openMeshLinks, openPairLink } from '../open-links.ts'
import { inPieces, Whole } from '../pieces.ts'
import type { Signal } from '../signaling.ts'

const pieceBytes = 64 * 1024

interface PeerLink extends LinkEnd {
  readonly peer: SimplePeer
  readonly opened: Promise<void>
}

/**
 * simple-peer has no signaling, so it uses ours. It passes each message to one `send` of the
 * channel, so the caller has to split messages that are larger than the browser accepts.
 */
export const simplePeer: Contestant = {
  mayReuse: false,
  bestMessageBytes: pieceBytes,
  enter: async (setup) => {
    const opened = Promise.withResolvers<Connection>()
    const leave = await openPairLink(setup, (send) => {
      const link = makeLink(send, setup.role === 'joining')
      opened.resolve(connectionOf(link, { setup, leave: () => leave() }))
      return link
    })
    return { opened: opened.promise }
  },
  joinMesh: async (setup) => {
    const { links, leave } = await openMeshLinks(setup, lazyLink)
    await Promise.all(links.map(({ opened }) => opened))
    return () => {
      for (const { close } of links) close()
      leave()
    }
  },
}

const makeLink = (send: (signal: Signal) => void, initiator: boolean): PeerLink => {
  const peer = new SimplePeer({ initiator, config: { iceServers: [] } })
  peer.on('signal', (data) => {
    if ('candidate' in data) send({ type: 'candidate', candidate: data.candidate })
    else if ('sdp' in data) send({ type: 'description', description: data })
  })
  return {
    peer,
    // simple-peer creates its offer itself.
    offer: () => null,
    receive: (signal) => peer.signal(toSimplePeer(signal)),
    opened: new Promise((resolve, reject) => {
      peer.on('connect', resolve)
      peer.on('error', reject)
    }),
  }
}

/** In a mesh, the first event of a link decides which side initiates it. */
const lazyLink = (send: (signal: Signal) => void) => {
  const made = Promise.withResolvers<PeerLink>()
  let link: PeerLink | null = null
  const get = (initiator: boolean): PeerLink => {
    link ??= makeLink(send, initiator)
    made.resolve(link)
    return link
  }
  return {
    offer: () => void get(true),
    receive: (signal: Signal) => get(false).receive(signal),
    opened: made.promise.then(({ opened }) => opened),
    close: () => link?.peer.destroy(),
  }
}

const toSimplePeer = (signal: Signal): SignalData =>
  signal.type === 'candidate'
    ? { type: 'candidate', candidate: signal.candidate }
    : signal.description

interface PairContext {
  readonly setup: PairSetup
  readonly leave: () => void
}

const connectionOf = async (
  { peer, opened }: PeerLink,
  { setup, leave }: PairContext,
): Promise<Connection> => {
  const transport = transportOf(peer)
  await opened
  let beside: Connection | null = null
  return {
    ...transport,
    // simple-peer has one channel per connection, so a side transport is a second connection.
    side: async () => {
      const entered = await simplePeer.enter({ ...setup, room: `${setup.room} side` })
      beside = await entered.opened
      return beside
    },
    close: async () => {
      await beside?.close()
      peer.destroy()
      leave()
    },
  }
}

const transportOf = (peer: SimplePeer): Transport => {
  const buffer = new MessageBuffer()
  const whole = new Whole()
  peer.on('data', (data) => {
    const message = whole.take(sizeIn(data) ?? data)
    if (message) buffer.take(message)
  })
  // A stream: `write` returns false when it is full, and `drain` fires when it can continue.
  const write = (piece: string | Uint8Array): Promise<void> | undefined =>
    peer.write(typeof piece === 'string' ? sizeMark + piece : piece)
      ? undefined
      : new Promise((resolve) => peer.once('drain', resolve))
  const writePieces = async (data: Uint8Array<ArrayBuffer>): Promise<void> => {
    for (const piece of inPieces(data, pieceBytes)) await write(piece)
  }
  return {
    send: (data) => (data.length > pieceBytes ? writePieces(data) : write(data)),
    listen: buffer.listen,
  }
}

/** Text arrives as bytes, so this prefix tells a size from a message. */
const sizeMark = 'size'

const sizeIn = (data: Uint8Array): string | null => {
  if (data.length > 16 || data.length <= sizeMark.length) return null
  const text = new TextDecoder().decode(data)
  return text.startsWith(sizeMark) ? text.slice(sizeMark.length) : null
}
