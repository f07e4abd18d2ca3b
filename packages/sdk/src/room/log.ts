import type { JsonValue, Logger, Ports, Room } from '../api.ts'
import { guarded } from '../base/emitter.ts'
import type { LinkNote } from '../link/link.ts'
import type { LinksOptions } from './links.ts'
import { tellEvent } from './tell-event.ts'

export interface LogOptions extends Ports {
  readonly log?: Logger
}

/** Reports what happens to a room. */
export interface Log {
  /** In place of those of the room: they report too. */
  readonly ports: Ports & Pick<LinksOptions, 'onNote'>
  /** Reports the events of the room. */
  readonly watch: (room: Room) => void
}

type Level = keyof Logger

/**
 * Wraps the platform's constructors, so that the room itself has nothing to report. Names of events
 * and codes are passed on; what may be private is not: addresses, tokens, texts of applications.
 */
export const createLog = ({ log = {}, RTCPeerConnection, WebSocket }: LogOptions): Log => {
  const tell = (level: Level, message: string, data: Readonly<Record<string, JsonValue>> = {}) => {
    guarded(() => log[level]?.(message, data))
  }
  let sockets = 0
  let connections = 0
  return {
    ports: {
      WebSocket: watched(WebSocket, (socket) => {
        sockets += 1
        watchSocket(socket, sockets, tell)
      }),
      RTCPeerConnection: watched(RTCPeerConnection, (pc) => {
        connections += 1
        watchConnection(pc, connections, tell)
      }),
      onNote: (peer, { event, reason }) =>
        tell(levels[event] ?? 'info', tellEvent(event), { peer, event, reason }),
    },
    watch: (room) => watchRoom(room, tell),
  }
}

type Tell = (level: Level, message: string, data?: Readonly<Record<string, JsonValue>>) => void

/** Of events of a link. */
const levels: { readonly [Event in LinkNote['event']]?: Level } = {
  connecting: 'debug',
  repairing: 'warn',
  failed: 'warn',
  silent: 'warn',
  network: 'warn',
  ended: 'warn',
}

/** The same constructor, which shows what it creates. */
const watched = <Type extends new (...args: never[]) => object>(
  type: Type,
  created: (made: InstanceType<Type>) => void,
): Type =>
  new Proxy(type, {
    construct: (target, args, newTarget) => {
      const made: InstanceType<Type> = Reflect.construct(target, args, newTarget)
      created(made)
      return made
    },
  })

const watchSocket = (socket: WebSocket, number: number, tell: Tell): void => {
  tell('debug', 'A socket to the server is being opened.', { socket: number })
  socket.addEventListener('open', () => {
    tell('debug', 'A socket to the server is open.', { socket: number })
  })
  socket.addEventListener('close', ({ code, wasClean }) => {
    const data = { socket: number, code, wasClean: wasClean === true }
    tell(wasClean ? 'debug' : 'warn', 'A socket to the server has closed.', data)
  })
}

const watchConnection = (pc: RTCPeerConnection, number: number, tell: Tell): void => {
  tell('debug', 'A connection is created.', { connection: number })
  pc.addEventListener('connectionstatechange', () => {
    tell('debug', 'A connection has a new state.', {
      connection: number,
      state: pc.connectionState,
    })
  })
  pc.addEventListener('icecandidateerror', ({ errorCode, errorText, url }) => {
    const isRefused = errorCode === 401
    tell(
      'warn',
      isRefused
        ? 'The TURN server refuses the credentials (401).'
        : 'A STUN or TURN server could not be used.',
      { connection: number, url, code: errorCode, text: errorText },
    )
  })
}

const watchRoom = (room: Room, tell: Tell): void => {
  room.on('statuschange', ({ status, previous }) => {
    const level = status === 'degraded' ? 'warn' : 'info'
    tell(level, 'The room has a new status.', { status, previous })
  })
  room.on('hostchange', ({ host, term, epoch, reason, isHost }) => {
    tell('info', 'The room has a new host.', { host, term, epoch, reason, isHost })
  })
  room.on('peerjoin', ({ peer }) => tell('debug', 'A peer has joined.', { peer: peer.id }))
  room.on('peerleave', ({ peer, reason }) => {
    tell('debug', 'A peer has left.', { peer: peer.id, reason })
  })
  room.on('undelivered', ({ peer, count }) => {
    tell('warn', 'Messages may not have arrived.', { peer: peer.id, count })
  })
  // Its message may have been written by an application, as with a kick.
  room.on('error', ({ error }) => {
    tell('error', 'The room reports an error.', { code: error.code })
  })
}
