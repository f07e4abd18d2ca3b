import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface RedisServerOptions {
  /** A free one by default. */
  readonly port?: number
  /** More words for the command line of `redis-server`. */
  readonly args?: readonly string[]
}

/** A Redis server of a test's own, which keeps nothing on disk. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Of the server itself, for signals. */
  readonly pid: number
  /** Ends it as a crash does. Idempotent. */
  readonly stop: () => Promise<void>
}

/** Starts `redis-server` on 127.0.0.1; whoever starts one stops it. It ends with this process too. */
export const startRedis = async (options: RedisServerOptions = {}): Promise<RedisServer> => {
  const dir = await mkdtemp(join(tmpdir(), 'skein-redis-'))
  const port = options.port ?? (await freePort())
  const context = spawn('sh', ['-c', script, 'sh', dir, ...commandLine({ port, dir }, options)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const exited = once(context, 'exit')
  const stop = async (): Promise<void> => {
    context.stdin.end()
    await exited
    await rm(dir, { recursive: true, force: true })
  }
  try {
    const pid = await ready(context)
    return { port, url: `redis://127.0.0.1:${port}`, pid, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** When this process ends, however it does, its end of the pipe closes, and Redis is killed. */
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

/** Resolves to the process id once the server takes connections. */
const ready = async (context: ChildProcess): Promise<number> => {
  const log: string[] = []
  let pid = Number.NaN
  if (context.stdout === null) throw new Error('The output is piped, so it is there.')
  // Not closed at the end: what nobody reads would fill the pipe and stop the server.
  const lines = createInterface({ input: context.stdout })
  return await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.startsWith('pid ')) pid = Number(line.slice('pid '.length))
      if (line.includes('Ready to accept connections')) resolve(pid)
      if (log.length < 100) log.push(line)
    })
    context.once('exit', () => reject(new Error(`redis-server ended:\n${log.join('\n')}`)))
  })
}

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('A TCP port was asked for.')
  return address.port
}
