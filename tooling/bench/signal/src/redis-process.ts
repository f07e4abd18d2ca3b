import { spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

/** A Redis that the bench starts, without persistence. */
export interface RedisProcess {
  readonly pid: number
  readonly url: string
  readonly stop: () => void
}

const program = 'redis-server'

/** Why Redis cannot run on this machine, or `null`. */
export const whyNoRedis = (): string | null =>
  spawnSync(program, ['--version']).status === 0 ? null : `it needs \`${program}\``

/** Starts Redis, pinned to `core` if given. */
export const startRedis = async (core: number | null): Promise<RedisProcess> => {
  const port = await freePort()
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ]
  const pinned = core === null ? [] : ['taskset', '-c', String(core)]
  const [first = program, ...rest] = [...pinned, program, ...options]
  const child = spawn(first, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`Redis exited with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve()
    })
  })
  return {
    pid: child.pid ?? 0,
    url: `redis://127.0.0.1:${port}`,
    stop: () => {
      child.kill('SIGKILL')
    },
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = server.address()
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      )
    })
  })
