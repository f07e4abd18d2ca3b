import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { connectionId } from '@skein/protocol'
import { Connection } from '../connections/connection.ts'
import type { ConnectionContext } from '../connections/connection-context.ts'
import type { ConnectionTable } from '../connections/connection-table.ts'
import type { Visitors } from '../limits/visitors.ts'
import { attachHandler, type HandledSocket } from '../wire/handled-socket.ts'
import { type Rejection, rejections } from './rejections.ts'

/** A socket that completed its handshake. The request must not be retained. */
export interface AcceptedSocket {
  readonly socket: HandledSocket
  readonly stream: Duplex
  readonly request: IncomingMessage
}

export interface AdmissionOptions {
  readonly visitors: Visitors
  readonly context: ConnectionContext
  readonly connections: ConnectionTable
  /** Returns the current name of this node. */
  readonly node: () => string
  /** Returns why new connections are turned away now; `null` when they are accepted. */
  readonly overload: () => Rejection | null
}

/** Turns an accepted socket into a connection, or returns why it is rejected. */
export const createAdmission = ({
  visitors,
  context,
  connections,
  node,
  overload,
}: AdmissionOptions): ((accepted: AcceptedSocket) => Rejection | null) => {
  let serial = 0
  return ({ socket, stream, request }) => {
    if (!visitors.isAllowed(request)) return rejections.origin
    const overloaded = overload()
    if (overloaded !== null) return overloaded
    const account = context.addresses.connect(visitors.addressOf(request), context.now())
    if (account === 'rejected') return rejections.address
    serial += 1
    const id = connectionId(`${node()}.${serial}`)
    const connection = new Connection({ id, socket, stream, account, context })
    connections.add(connection)
    context.heartbeat.add(connection)
    attachHandler(socket, connection)
    return null
  }
}
