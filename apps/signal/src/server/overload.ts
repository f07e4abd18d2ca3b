import type { Settings } from '../settings/settings.ts'
import { type Rejection, rejections } from '../upgrade/rejections.ts'
import type { ServerParts } from './server-parts.ts'

/** Creates the function that returns why new connections are turned away now, or `null`. */
export const createOverload =
  ({ maxConnections }: Pick<Settings, 'maxConnections'>, parts: ServerParts) =>
  (): Rejection | null => {
    if (parts.isDraining()) return rejections.draining
    if (parts.connections.size >= maxConnections) return rejections.connections
    if (parts.load.isLate) return rejections.late
    return isShortOfMemory(parts) ? rejections.memory : null
  }

/** Whether the process uses too much memory, or too much data is queued for slow clients. */
export const isShortOfMemory = ({
  load,
  writeBatcher,
  tuning,
}: Pick<ServerParts, 'load' | 'writeBatcher' | 'tuning'>): boolean =>
  load.isShortOfMemory || writeBatcher.queuedBytes > tuning.maxQueuedBytesTotal
