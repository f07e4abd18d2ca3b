import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface RedisServerOptions {
  /** Default: a free port. */
  readonly port?: number
  /** Additional arguments for `redis-server`. */
  readonly args?: readonly string[]
}

/** A Redis server started for a test, without persistence. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Process id of `redis-server`, for sending signals. */
  readonly pid: number
  /** Kills the server. Idempotent. */
  readonly stop: () => Promise<void>
}

/** Starts `redis-server` on 127.0.0.1. The caller stops it; it also ends with this process. */
export const startRedis = async (options: RedisServerOptions = {}): Promise<RedisServer> => {
  const dir = await mkdtemp(join(tmpdir(), 'skein-redis-'))
  const port = options.port ?? (await freePort())
  const child = spawn('sh', ['-c', script, 'sh', dir, ...commandLine({ port, dir }, options)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.stdin.end()
    await exited
    await rm(dir, { recursive: true, force: true })
  }
  try {
    const pid = await waitUntilReady(child)
    return { port, url: `redis://127.0.0.1:${port}`, pid, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** When this process ends for any reason, its end of the pipe closes and the script kills Redis. */
const script = `
exec 3<&0
dir=$1; shift
"$@" </dev/null 2>&1 &
pid=$!
echo "pid $pid"
{ cat <&3; kill -9 $pid; rm -rf "$dir"; } >/dev/null &
wait $pid
`

const commandLine = (
  { port, dir }: { readonly port: number; readonly dir: string },
  { args = [] }: RedisServerOptions,
): readonly string[] => [
  'redis-server',
  ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir],
  ...['--save', '', '--appendonly', 'no', ...args],
]

/** Resolves to the process id once the server accepts connections. */
const waitUntilReady = async (child: ChildProcess): Promise<number> => {
  const log: string[] = []
  let pid = Number.NaN
  if (child.stdout === null) throw new Error('stdout is a pipe.')
  // Keep reading: a full pipe would block the server.
  const lines = createInterface({ input: child.stdout })
  return await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.startsWith('pid ')) pid = Number(line.slice('pid '.length))
      if (line.includes('Ready to accept connections')) resolve(pid)
      if (log.length < 100) log.push(line)
    })
    child.once('exit', () => reject(new Error(`redis-server exited:\n${log.join('\n')}`)))
  })
}

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string')
    throw new Error('The server listens on a TCP port.')
  return address.port
}
