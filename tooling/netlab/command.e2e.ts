import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { needs } from '@skein/needs'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { shortRows } from './src/arguments.ts'
import type { Report } from './src/report/report.ts'

const main = fileURLToPath(new URL('src/main.ts', import.meta.url))

function start(...args: readonly string[]) {
  return spawn(process.execPath, ['--conditions=@skein/source', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function run(...args: readonly string[]) {
  const child = start(...args)
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code, output, errors }
}

const namespacesOf = ({ pid }: ChildProcess): readonly string[] =>
  execFileSync('ip', ['netns', 'list'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter((line) => line.includes(`-${pid}-`))

test('a wrong argument ends the command with one line', async () => {
  expect(await run('--servers=nothing')).toEqual({
    code: 1,
    output: '',
    errors: '--servers does not know "nothing". It knows: stun, udp, tcp, tls.\n',
  })
})

/** The bar is 1.5 s on an idle machine. More than this is a link that waited for its next attempt. */
const healWithinMs = 10_000

if (needs('network-namespaces', 'ip', 'nft', 'conntrack', 'openssl', 'turnserver', 'chromium')) {
  describe('the short form', () => {
    const folder = mkdtempSync(join(tmpdir(), 'skein-netlab-e2e-'))
    let report: Report = { environments: [], results: [] }

    beforeAll(async () => {
      const file = join(folder, 'short.json')
      const { code, output, errors } = await run('--short', `--out=${file}`)
      console.info(output)
      expect(errors).toBe('')
      expect(code).toBe(0)
      report = JSON.parse(readFileSync(file, 'utf8'))
      return () => rmSync(folder, { recursive: true })
    })

    test.for(shortRows)('%s: every room could be tried', (row) => {
      const results = report.results.filter((one) => one.row === row)
      expect(results.length).toBeGreaterThan(0)
      expect(results.flatMap(({ error }) => error ?? [])).toEqual([])
    })

    test('with STUN, pairs meet that have a direct path; with TURN over TCP, all do', () => {
      const pairs = report.results.filter((one) => one.type === 'pair')
      const met = (kind: string): readonly boolean[] =>
        pairs.filter((one) => one.kind === kind).map(({ exchangeMs }) => exchangeMs !== null)
      expect(met('stun')).toEqual([true, true, false, false])
      expect(met('tcp')).toEqual([true, true, true, true])
    })

    test('every fault heals; nothing is lost, doubled or out of order; everyone stays', () => {
      const faults = report.results.filter((one) => one.type === 'fault')
      const broken = faults.filter(
        ({ healMs, lost, doubled, disordered, kept }) =>
          healMs === null ||
          healMs > healWithinMs ||
          lost + doubled + disordered > 0 ||
          !(kept.ids && kept.host && kept.term),
      )
      expect(broken).toEqual([])
    })
  })

  test.for(['SIGINT', 'SIGTERM'] as const)('%s removes all namespaces', async (signal) => {
    const child = start('--rows=drop60')
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = once(child, 'exit')
    await expect.poll(() => namespacesOf(child).length, { timeout: 60_000 }).toBeGreaterThan(5)
    child.kill(signal)
    expect(await ended).toEqual([130, null])
    expect(namespacesOf(child)).toEqual([])
  })
}
