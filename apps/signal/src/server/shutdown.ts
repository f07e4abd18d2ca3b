import { once } from 'node:events'
import type { Server } from 'node:http'
import { closeCodes, type Millis } from '@skein/protocol'
import type { ServerParts } from './server-parts.ts'
import type { Ticker } from './ticker.ts'

/** Whether the server is draining, and so rejects new members. */
export interface Life {
  isDraining: boolean
}

/** The inputs of `createShutdown`. */
export interface ShutdownOptions {
  readonly parts: ServerParts
  readonly ticker: Ticker
  readonly http: Server
  readonly life: Life
}

/** The ways to stop a server. In all of them the rooms stay as they are: no host changes. */
export interface Shutdown {
  readonly drain: () => Promise<void>
  readonly close: () => Promise<void>
  readonly kill: () => Promise<void>
}

/** Creates the functions that stop a server. */
export const createShutdown = (options: ShutdownOptions): Shutdown => {
  const { parts, ticker, http, life } = options
  let closed: Promise<void> | null = null
  const stop = (end: () => Promise<void>): Promise<void> => {
    closed ??= (async () => {
      life.isDraining = true
      ticker.stop()
      await Promise.all([end(), stopListening(http)])
      await Promise.all([parts.store.close(), parts.bus.close(), parts.nodes.close()])
    })()
    return closed
  }
  const close = (): Promise<void> => stop(() => closeAll(parts))
  return {
    close,
    kill: () => stop(() => destroyAll(parts)),
    drain: async () => {
      life.isDraining = true
      parts.log.info({ connections: parts.connections.size }, 'draining')
      const windowMs = parts.tuning.drainMs * reconnectShare
      for (const connection of parts.connections.all()) connection.goAway(windowMs)
      await waitUntilEmpty(parts, parts.tuning.drainMs)
      await close()
    },
  }
}

/** Clients spread their reconnects over this share of `drainMs`; the rest is for slow clients. */
const reconnectShare = 0.5
const pollMs = 20

const stopListening = async (http: Server): Promise<void> => {
  if (!http.listening) return
  const done = once(http, 'close')
  http.close()
  http.closeAllConnections()
  await done
}

const closeAll = async (parts: ServerParts): Promise<void> => {
  for (const connection of parts.connections.all()) connection.close(closeCodes.goingAway)
  await waitUntilEmpty(parts, parts.tuning.closeMs)
  await destroyAll(parts)
}

const destroyAll = async (parts: ServerParts): Promise<void> => {
  for (const connection of parts.connections.all()) connection.writer.destroy()
  await waitUntilEmpty(parts, parts.tuning.closeMs)
}

/** Resolves when no connection is left, or after `withinMs`. */
const waitUntilEmpty = (parts: ServerParts, withinMs: Millis): Promise<void> =>
  new Promise((resolve) => {
    const until = performance.now() + withinMs
    const check = (): void => {
      if (parts.connections.size > 0 && performance.now() < until) return
      clearInterval(timer)
      resolve()
    }
    const timer = setInterval(check, pollMs)
    check()
  })
