import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { validate } from 'dockerfile-utils'
import { expect, test } from 'vitest'
import { read, root } from './repository.ts'

const dockerfile = read('Dockerfile')
const lines = dockerfile.replaceAll(/\\\n\s*/g, '').split('\n')
const argumentsOf = (instruction: string): readonly string[] =>
  lines
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1))

test('the Dockerfile has no fault that its linter knows', () => {
  expect(validate(dockerfile).map(({ message }) => message)).toEqual([])
  expect(validate('FORM node\nCMD [ "a"\n')).not.toEqual([])
})

test('both bases have the Node that the tests run on, and the last stage holds nothing of the build but the server', () => {
  expect(argumentsOf('FROM')).toHaveLength(2)
  const [, pinned] = /^ {2}node: (\d+\.\d+)\./m.exec(read('pnpm-workspace.yaml')) ?? []
  for (const base of argumentsOf('FROM')) expect(base).toContain(`node:${pinned}-`)
  expect(argumentsOf('COPY')).toEqual(['. .', '--from=build /app .'])
})

test('it runs as nobody in particular, is told to end by SIGTERM, and hears it itself', () => {
  expect(argumentsOf('USER')).toEqual(['node'])
  expect(argumentsOf('STOPSIGNAL')).toEqual(['SIGTERM'])
  // The exec form: a shell in between would keep the signal to itself.
  const [entry = ''] = argumentsOf('ENTRYPOINT')
  expect(JSON.parse(entry)).toEqual(['node', 'dist/main.js'])
})

test('its health is asked where the server answers, without a tool that has to be installed', () => {
  const [check = ''] = argumentsOf('HEALTHCHECK')
  // busybox, which every Alpine has.
  expect(check).toContain('CMD wget ')
  expect(check).toContain('/healthz')
})

test('the pnpm it builds with is the one of the repository', () => {
  const { packageManager }: { packageManager: string } = JSON.parse(read('package.json'))
  const used = new Set(dockerfile.match(/pnpm@[\d.]+/g))
  expect([...used]).toEqual([packageManager])
})

test('the packages and scripts that it names exist', () => {
  const names = new Set([...dockerfile.matchAll(/@skein\/([\w-]+)/g)].map(([, name]) => name ?? ''))
  expect([...names].filter((name) => !existsSync(join(root, 'apps', name)))).toEqual([])
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    read('apps/signal/package.json'),
  )
  expect(Object.keys(scripts)).toContain('prepack')
})

test('what is not source stays out of the build', () => {
  const ignored = read('.dockerignore').split('\n')
  for (const pattern of ['.git', '**/node_modules', '**/dist', '**/test-results', '**/.env']) {
    expect(ignored).toContain(pattern)
  }
})
