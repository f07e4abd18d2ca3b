import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** The real command in its own process; killed when the test finishes. */
export interface ServerProcess {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly hasExited: () => boolean
  /** Its log lines of level `error` or `fatal`, and everything on stderr. */
  readonly errors: readonly string[]
  /** The value of a metric by its name with labels; NaN when it does not exist. */
  readonly metric: (name: string) => Promise<number>
}

/** Starts the command on a free loopback port; resolves when it listens. */
export const startServerProcess = async (
  settings: Readonly<Record<string, string>>,
): Promise<ServerProcess> => {
  const child = spawn(process.execPath, ['--conditions=@skein/source', main], {
    env: {
      PATH: process.env.PATH,
      NODE_NO_WARNINGS: '1',
      PORT: '0',
      HOST: '127.0.0.1',
      SKEIN_STATE_DIR: 'none',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const errors: string[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    if (/"level":"(?:error|fatal)"/.test(line)) errors.push(line)
  })
  child.stderr.on('data', (data) => void errors.push(String(data)))
  const port = await Promise.race([
    portIn(lines),
    once(child, 'exit').then(() =>
      Promise.reject(new Error(`The server exited: ${errors.join('')}`)),
    ),
  ])
  return {
    url: `ws://127.0.0.1:${port}/ws`,
    port,
    pid: child.pid ?? 0,
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    errors,
    metric: (name) => readMetric(port, name),
  }
}

const portIn = (lines: NodeJS.EventEmitter): Promise<number> =>
  new Promise((resolve) => {
    lines.on('line', (line) => {
      const port = /"port":(\d+)/.exec(line)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
  })

const readMetric = async (port: number, name: string): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1))
}
