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

test('the linter finds no problem in the Dockerfile', () => {
  expect(validate(dockerfile).map(({ message }) => message)).toEqual([])
  expect(validate('FORM node\nCMD [ "a"\n')).not.toEqual([])
})

test('both stages use the Node of the tests, and the last one copies only the server', () => {
  expect(argumentsOf('FROM')).toHaveLength(2)
  const [, pinned] = /^ {2}node: (\d+\.\d+)\./m.exec(read('pnpm-workspace.yaml')) ?? []
  for (const base of argumentsOf('FROM')) expect(base).toContain(`node:${pinned}-`)
  expect(argumentsOf('COPY')).toEqual(['. .', '--from=build /app .'])
})

test('the container runs as an unprivileged user, and its process receives SIGTERM', () => {
  expect(argumentsOf('USER')).toEqual(['node'])
  expect(argumentsOf('STOPSIGNAL')).toEqual(['SIGTERM'])
  // The exec form, because a shell in between would not pass the signal on.
  const [entry = ''] = argumentsOf('ENTRYPOINT')
  expect(JSON.parse(entry)).toEqual(['node', 'dist/main.js'])
})

test('the image has a private directory for the secret, which belongs to the user of the process', () => {
  expect(argumentsOf('RUN')).toContain('install -d -o node -g node -m 700 /var/lib/skein')
  expect(argumentsOf('ENV')).toContain('SKEIN_STATE_DIR=/var/lib/skein')
})

test('the health check requests /healthz with a tool of the base image', () => {
  const [check = ''] = argumentsOf('HEALTHCHECK')
  // wget is part of busybox, which every Alpine image has.
  expect(check).toContain('CMD wget ')
  expect(check).toContain('/healthz')
})

test('the build uses the pnpm version of the repository', () => {
  const { packageManager }: { packageManager: string } = JSON.parse(read('package.json'))
  const used = new Set(dockerfile.match(/pnpm@[\d.]+/g))
  expect([...used]).toEqual([packageManager])
})

test('the packages and scripts that the Dockerfile names exist', () => {
  const names = new Set([...dockerfile.matchAll(/@skein\/([\w-]+)/g)].map(([, name]) => name ?? ''))
  expect([...names].filter((name) => !existsSync(join(root, 'apps', name)))).toEqual([])
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    read('apps/signal/package.json'),
  )
  expect(Object.keys(scripts)).toContain('prepack')
})

test('the build context contains only sources', () => {
  const ignored = read('.dockerignore').split('\n')
  for (const pattern of ['.git', '**/node_modules', '**/dist', '**/test-results', '**/.env']) {
    expect(ignored).toContain(pattern)
  }
})
