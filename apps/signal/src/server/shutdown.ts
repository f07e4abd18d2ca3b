import { once } from 'node:events'
import type { Server } from 'node:http'
import { closeCodes, type Millis } from '@skein/protocol'
import type { Shell } from '../connections/connection-context.ts'
import type { Pulse } from './ticker.ts'

/** Whether the server still takes members. */
export interface Life {
  isDraining: boolean
}

export interface EndingOptions {
  readonly shell: Shell
  readonly pulse: Pulse
  readonly http: Server
  readonly life: Life
}

/** The ways a server ends. In all of them the rooms stand still: nobody is voted out of office. */
export interface Endings {
  readonly drain: () => Promise<void>
  readonly close: () => Promise<void>
  readonly kill: () => Promise<void>
}

export const endings = (options: EndingOptions): Endings => {
  const { shell, pulse, http, life } = options
  let closed: Promise<void> | null = null
  const stop = (end: () => Promise<void>): Promise<void> => {
    closed ??= (async () => {
      life.isDraining = true
      shell.rooms.freeze()
      pulse.stop()
      await Promise.all([end(), stopListening(http)])
      await Promise.all([shell.store.close(), shell.bus.close(), shell.nodes.close()])
    })()
    return closed
  }
  const close = (): Promise<void> => stop(() => closeAll(shell))
  return {
    close,
    kill: () => stop(() => destroyAll(shell)),
    drain: async () => {
      life.isDraining = true
      shell.rooms.freeze()
      shell.log.info({ connections: shell.connections.size }, 'draining')
      const windowMs = shell.tuning.drainMs * reconnectShare
      for (const connection of shell.connections.all()) connection.goAway(windowMs)
      await isEmpty(shell, shell.tuning.drainMs)
      await close()
    },
  }
}

/** The rest of the time is for the slow. */
const reconnectShare = 0.5
const pollMs = 20

const stopListening = async (http: Server): Promise<void> => {
  if (!http.listening) return
  const done = once(http, 'close')
  http.close()
  http.closeAllConnections()
  await done
}

const closeAll = async (shell: Shell): Promise<void> => {
  for (const connection of shell.connections.all()) connection.end(closeCodes.goingAway)
  await isEmpty(shell, shell.tuning.closeMs)
  await destroyAll(shell)
}

const destroyAll = async (shell: Shell): Promise<void> => {
  for (const connection of shell.connections.all()) connection.wire.destroy()
  await isEmpty(shell, shell.tuning.closeMs)
}

/** Resolves when nobody is connected any more, or the time is over. */
const isEmpty = (shell: Shell, withinMs: Millis): Promise<void> =>
  new Promise((resolve) => {
    const until = performance.now() + withinMs
    const look = (): void => {
      if (shell.connections.size > 0 && performance.now() < until) return
      clearInterval(timer)
      resolve()
    }
    const timer = setInterval(look, pollMs)
    look()
  })
