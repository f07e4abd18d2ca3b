import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { connectionId } from '@skein/protocol'
import { Connection } from '../connections/connection.ts'
import type { Shell } from '../connections/connection-context.ts'
import { addressReader } from '../limits/client-address.ts'
import { originCheck } from '../limits/origins.ts'
import type { Settings } from '../settings/settings.ts'
import { type HeldSocket, hold } from '../wire/held-socket.ts'
import { type Refusal, refusals } from './rejections.ts'

/** A socket that completed its handshake; the request is not kept. */
export interface Arrival {
  readonly socket: HeldSocket
  readonly stream: Duplex
  readonly request: IncomingMessage
}

/** Takes a socket in, or says why not. */
export const admission = (
  settings: Settings,
  shell: Shell,
): ((arrival: Arrival) => Refusal | null) => {
  const isAllowed = originCheck(settings.origins)
  const readAddress = addressReader({
    trustProxy: settings.trustProxy,
    headerIgnored: once(() =>
      shell.log.warn(
        'a forwarded header came and SKEIN_TRUST_PROXY is not set: visitors behind a proxy are not told apart',
      ),
    ),
  })
  let serial = 0
  return ({ socket, stream, request }) => {
    if (!isAllowed(request.headers.origin ?? null)) return refusals.origin
    const full = overload(settings, shell)
    if (full !== null) return full
    const account = shell.addresses.connect(readAddress(request), shell.now())
    if (account === 'refused') return refusals.address
    serial += 1
    const id = connectionId(`${shell.nodes.self}.${serial}`)
    const connection = new Connection({ id, socket, stream, account, shell })
    shell.connections.add(connection)
    shell.heartbeat.add(connection)
    hold(socket, connection)
    return null
  }
}

/** The process has too much of it, or too much waits for slow clients. */
export const isShortOfMemory = ({ load, outbox, tuning }: Shell): boolean =>
  load.isShortOfMemory || outbox.queuedBytes > tuning.maxQueuedBytesTotal

const overload = (settings: Settings, shell: Shell): Refusal | null => {
  if (shell.isDraining()) return refusals.draining
  if (shell.connections.size >= settings.maxConnections) return refusals.connections
  if (shell.load.isLate) return refusals.late
  return isShortOfMemory(shell) ? refusals.memory : null
}

const once = (task: () => void): (() => void) => {
  let isDone = false
  return () => {
    if (!isDone) task()
    isDone = true
  }
}
