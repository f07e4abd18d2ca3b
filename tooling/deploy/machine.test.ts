import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { needs } from '@skein/needs'
import { settingEntries } from '@skein/signal/reference'
import { expect, test } from 'vitest'
import { read, root } from './repository.ts'

const unit = 'deploy/systemd/skein-signal.service'

test('the settings in the example exist', () => {
  const named = [...read('deploy/systemd/signal.env.example').matchAll(/^#?([A-Z_]+)=/gm)]
  const known = settingEntries().map(({ env }) => env)
  expect(named.length).toBeGreaterThan(4)
  expect(named.map(([, name = '']) => name).filter((name) => !known.includes(name))).toEqual([])
})

test('the unit starts the command of the package and gives it time to drain', () => {
  const { bin }: { bin: Record<string, string> } = JSON.parse(read('apps/signal/package.json'))
  const [, command] = /^ExecStart=\/usr\/bin\/env (\S+)$/m.exec(read(unit)) ?? []
  expect(Object.keys(bin)).toContain(command)
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(read(unit))?.[1])).toBeGreaterThan(10)
})

test('the unit has a private state directory for the secret of the server', () => {
  expect(read(unit)).toMatch(/^StateDirectory=\w+$/m)
  expect(read(unit)).toMatch(/^StateDirectoryMode=0700$/m)
})

test.for([
  ['deploy/nginx/skein.conf', 'proxy_pass http://skein'],
  ['deploy/caddy/Caddyfile', 'reverse_proxy'],
])('%s forwards all but the metrics to the port of the server', ([file = '', pass = '']) => {
  const port = settingEntries().find(({ env }) => env === 'PORT')?.fallback
  expect(read(file)).toContain(pass)
  expect(read(file)).toMatch(/\/metrics \{?\s*(return )?404/)
  expect(read(file)).toContain(String(port))
})

if (needs('systemd-analyze')) {
  const analyze = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', [...args, join(root, unit)], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    return { status, output: stdout + stderr }
  }

  test('systemd accepts every line of the unit', () => {
    expect(analyze('verify')).toEqual({ status: 0, output: '' })
  })

  test('systemd rates the exposure of the unit as low', () => {
    // On a scale from 0 to 100, where 100 is a service without any restriction.
    const { status, output } = analyze('security', '--offline=true', '--threshold=20')
    expect(status, output).toBe(0)
  })
}
