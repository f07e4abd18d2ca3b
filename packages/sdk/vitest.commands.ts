import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { BrowserCommand } from 'vitest/node'

const script = fileURLToPath(new URL('src/testing/node-peer.testing.ts', import.meta.url))
const started = new Set<ChildProcess>()

/** Starts a peer in its own Node process; resolves when it has joined. */
export const startNodePeer: BrowserCommand<[url: string, room: string]> = async (_, url, room) => {
  const args = ['--conditions=@skein/source', script, url, room]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill())
  started.add(child)
  child.once('exit', () => started.delete(child))
  // Resolves with its first output, or when it exits without any.
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  if (child.exitCode !== null) throw new Error(`the Node peer exited with ${child.exitCode}`)
}

/** Resolves with the exit codes when all of them have exited by themselves. */
export const nodePeersEnded: BrowserCommand<[]> = async () => {
  const ends = [...started].map(async (child) => {
    await once(child, 'exit')
    return child.exitCode
  })
  return await Promise.all(ends)
}

declare module 'vitest/browser' {
  interface BrowserCommands {
    startNodePeer: (url: string, room: string) => Promise<void>
    nodePeersEnded: () => Promise<(number | null)[]>
  }
}
