import SimplePeer, { type SignalData } from 'simple-peer/simplepeer.min.js'
import { type Connection, type Contestant, Inbox, type Meeting, type Pipe } from '../contestant.ts'
import { inPieces, Whole } from '../pieces.ts'
import { gatherLinks, type LinkEnd, meet } from '../raw-meeting.ts'
import type { Signal } from '../signaling.ts'

const pieceBytes = 64 * 1024

interface PeerLink extends LinkEnd {
  readonly peer: SimplePeer
  readonly opened: Promise<void>
}

/**
 * It brings no signaling, so it gets ours. A message goes by one `send` of the channel and ends
 * there: what is larger than the browser takes is cut by who uses it.
 */
export const simplePeer: Contestant = {
  mayReuse: false,
  bestMessageBytes: pieceBytes,
  enter: async (meeting) => {
    const opened = Promise.withResolvers<Connection>()
    const leave = await meet(meeting, (send) => {
      const link = makeLink(send, meeting.role === 'joining')
      opened.resolve(connectionOf(link, { meeting, leave: () => leave() }))
      return link
    })
    return { opened: opened.promise }
  },
  gather: async (gathering) => {
    const { links, leave } = await gatherLinks(gathering, lazyLink)
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
    // It makes its offer by itself.
    offer: () => null,
    receive: (signal) => peer.signal(toSimplePeer(signal)),
    opened: new Promise((resolve, reject) => {
      peer.on('connect', resolve)
      peer.on('error', reject)
    }),
  }
}

/** In a mesh the first thing that happens to a link says who begins it. */
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

interface Whereabouts {
  readonly meeting: Meeting
  readonly leave: () => void
}

const connectionOf = async (
  { peer, opened }: PeerLink,
  { meeting, leave }: Whereabouts,
): Promise<Connection> => {
  const pipe = pipeOf(peer)
  await opened
  let beside: Connection | null = null
  return {
    ...pipe,
    // One channel a connection is all it has: a second way is a second connection.
    side: async () => {
      const entered = await simplePeer.enter({ ...meeting, room: `${meeting.room} side` })
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

const pipeOf = (peer: SimplePeer): Pipe => {
  const inbox = new Inbox()
  const whole = new Whole()
  peer.on('data', (data) => {
    const message = whole.take(sizeIn(data) ?? data)
    if (message) inbox.take(message)
  })
  // A stream: `write` says when it is full, `drain` when to go on.
  const write = (piece: string | Uint8Array): Promise<void> | undefined =>
    peer.write(typeof piece === 'string' ? sizeMark + piece : piece)
      ? undefined
      : new Promise((resolve) => peer.once('drain', resolve))
  const writePieces = async (data: Uint8Array<ArrayBuffer>): Promise<void> => {
    for (const piece of inPieces(data, pieceBytes)) await write(piece)
  }
  return {
    send: (data) => (data.length > pieceBytes ? writePieces(data) : write(data)),
    listen: inbox.listen,
  }
}

/** Text arrives as bytes: a size must be told from what begins with the number of a message. */
const sizeMark = 'size'

const sizeIn = (data: Uint8Array): string | null => {
  if (data.length > 16 || data.length <= sizeMark.length) return null
  const text = new TextDecoder().decode(data)
  return text.startsWith(sizeMark) ? text.slice(sizeMark.length) : null
}
