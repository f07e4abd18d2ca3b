import type { Signal } from './traffic.ts'

/**
 * How one kind of server is talked to, for the generator: `%n` is the number of the connection, `%r`
 * that of its room, `%t` the id of its partner; `%c` names the crowd it belongs to. Texts are recognized by how they begin.
 */
export interface Dialect {
  readonly path: string
  readonly protocol: string
  /** What is said when; after nothing: at the end of the handshake. */
  readonly steps: readonly { readonly after: string; readonly say: string }[]
  /** The text that ends the joining, and what its id comes after (`=…`: the client chose it). */
  readonly welcome: { readonly begins: string; readonly idAfter: string }
  readonly signals: readonly string[]
  readonly signal: (signal: Signal) => string
  /** How the news begins that somebody has joined. */
  readonly told: string
  /** How one leaves in good order; empty: by hanging up. */
  readonly leave: string
  readonly answer?: { readonly ask: string; readonly say: string }
  /** What the server wants to hear from time to time. */
  readonly keepAlive?: string
}

const link = { local: 'Zm9vYmFyYmF6', remote: 'cXV1eGNvcmdl' }

/** Ours, which the bare relays speak too. */
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

/** A relay that knows no farewell. */
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

/** Engine.IO 4 over a WebSocket: `0` opens, `2` asks, `3` answers, `4` is a message of Socket.IO. */
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
