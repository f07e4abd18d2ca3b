import type { Signal } from './traffic.ts'

/**
 * How the generator talks to one kind of server. In templates, `%n` is the number of the connection,
 * `%r` that of its room, `%t` the id of its partner and `%c` the name of its crowd. Incoming texts
 * are recognized by their prefix.
 */
export interface Dialect {
  readonly path: string
  readonly protocol: string
  /** What to say after which text; an empty `after` is the end of the handshake. */
  readonly steps: readonly { readonly after: string; readonly say: string }[]
  /** The text that completes a join, and what precedes the id in it (`=…`: the client's choice). */
  readonly welcome: { readonly begins: string; readonly idAfter: string }
  readonly signals: readonly string[]
  readonly signal: (signal: Signal) => string
  /** The prefix of the notification that a member joined. */
  readonly told: string
  /** The leave message; empty: close the connection. */
  readonly leave: string
  readonly answer?: { readonly ask: string; readonly say: string }
  /** A message that the server expects from time to time. */
  readonly keepAlive?: string
}

const link = { local: 'Zm9vYmFyYmF6', remote: 'cXV1eGNvcmdl' }

/** Skein's protocol, which the bare relays use too. */
export const skeinDialect: Dialect = {
  path: '/ws',
  protocol: 'skein.v1',
  steps: [{ after: '', say: '{"type":"join","v":1,"room":"%c %r"}' }],
  welcome: { begins: '{"type":"welcome"', idAfter: '"self":{"id":"' },
  signals: ['{"type":"signal"'],
  signal: ({ kind, content }) => {
    const data =
      kind === 'candidate'
        ? { link, type: 'candidate', candidate: content }
        : { link, type: 'description', description: content }
    return JSON.stringify({ type: 'signal', to: '%t', data })
  },
  told: '{"type":"peer-joined"',
  leave: '{"type":"leave"}',
}

/** A relay without a leave message. */
export const bareDialect: Dialect = { ...skeinDialect, protocol: '', leave: '' }

export const peerjsDialect: Dialect = {
  path: '/peerjs?key=peerjs&id=p%n&token=t%n&version=1.5.5',
  protocol: '',
  steps: [],
  welcome: { begins: '{"type":"OPEN"', idAfter: '=p%n' },
  signals: ['{"type":"CANDIDATE"', '{"type":"OFFER"'],
  signal: ({ kind, content }) => {
    const connection = { type: 'data', connectionId: 'dc_4x1ahhzpffb' }
    const payload =
      kind === 'candidate' ? { candidate: content, ...connection } : { sdp: content, ...connection }
    return JSON.stringify({ type: kind.toUpperCase(), payload, dst: '%t' })
  },
  told: '',
  leave: '',
  keepAlive: '{"type":"HEARTBEAT"}',
}

/** Engine.IO 4 over a WebSocket: `0` open, `2` ping, `3` pong, `4` a Socket.IO message. */
export const socketIoDialect: Dialect = {
  path: '/socket.io/?EIO=4&transport=websocket',
  protocol: '',
  steps: [
    { after: '0{', say: '40' },
    { after: '40{', say: '42["join","%c %r"]' },
  ],
  welcome: { begins: '42["welcome"', idAfter: '42["welcome","' },
  signals: ['42["signal"'],
  signal: ({ kind, content }) =>
    `42${JSON.stringify(['signal', '%t', { link, type: kind, [kind]: content }])}`,
  told: '42["peer-joined"',
  leave: '',
  answer: { ask: '2', say: '3' },
}
