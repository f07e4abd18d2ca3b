import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../server/server.ts'
import { defaultSettings, type Settings } from '../settings/settings.ts'
import { openSecret, type ServerSecret } from './server-secret.ts'

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-state-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

const open = (settings: Partial<Settings>): ServerSecret =>
  openSecret({ ...defaultSettings(), ...settings })

const messageOf = (action: () => unknown): string => {
  try {
    action()
  } catch (error) {
    if (error instanceof Error && error.name === 'StartError') return error.message
    throw error
  }
  return 'no error'
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

test('the first start creates a secret that only its user can read, and later starts read it back', () => {
  const stateDir = join(newFolder(), 'not/there/yet')
  const file = join(stateDir, 'secret')
  const first = open({ stateDir })
  expect(first).toMatchObject({ source: { file, isNew: true }, mayHavePredecessor: false })
  expect(Buffer.from(first.value, 'base64url')).toHaveLength(32)
  expect(readdirSync(stateDir)).toEqual(['secret'])
  expect([modeOf(file), modeOf(stateDir)]).toEqual(['600', '700'])
  const second = open({ stateDir })
  expect(second).toMatchObject({ source: { file, isNew: false }, mayHavePredecessor: true })
  expect(second.value).toBe(first.value)
})

test('a secret that is set is used, and nothing is written', () => {
  const stateDir = join(newFolder(), 'state')
  const secret = 's'.repeat(32)
  expect(open({ secret, stateDir })).toEqual({
    value: secret,
    mayHavePredecessor: true,
    source: { type: 'setting' },
  })
  expect(existsSync(stateDir)).toBe(false)
})

test('without a state directory, each start has another secret and no earlier life', () => {
  const [first, second] = [open({ stateDir: null }), open({ stateDir: null })]
  expect(first).toMatchObject({ source: { type: 'random', unwritable: null } })
  expect(first.mayHavePredecessor).toBe(false)
  expect(first.value).not.toBe(second.value)
})

test('a state directory that cannot be created leaves a secret for this start', () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'file'), '')
  const directory = join(folder, 'file/state')
  const secret = open({ stateDir: directory })
  expect(secret).toMatchObject({
    mayHavePredecessor: false,
    source: { type: 'random', unwritable: { directory, reason: 'ENOTDIR' } },
  })
  expect(Buffer.from(secret.value, 'base64url')).toHaveLength(32)
})

test.each([0o644, 0o640, 0o620])(
  'a secret with mode %o is refused with the command to run',
  (mode) => {
    const stateDir = newFolder()
    open({ stateDir })
    const file = join(stateDir, 'secret')
    chmodSync(file, mode)
    expect(messageOf(() => open({ stateDir }))).toBe(
      `Other users can access the secret in ${file}: run "chmod 600 ${file}", or set SKEIN_SECRET.`,
    )
    chmodSync(file, 0o600)
    expect(open({ stateDir }).source.type).toBe('file')
  },
)

test('a short secret is refused, and the message does not repeat it', () => {
  const stateDir = newFolder()
  const file = join(stateDir, 'secret')
  writeFileSync(file, `${'s'.repeat(31)}\n`, { mode: 0o600 })
  expect(messageOf(() => open({ stateDir }))).toBe(
    `The secret in ${file} is shorter than 32 bytes: delete the file, and the next start creates a new one.`,
  )
})

test('a secret that cannot be read is refused rather than replaced', () => {
  const stateDir = newFolder()
  const file = join(stateDir, 'secret')
  mkdirSync(file, { mode: 0o700 })
  expect(messageOf(() => open({ stateDir }))).toBe(
    `The secret in ${file} cannot be read (EISDIR): let the server read it, or set SKEIN_SECRET.`,
  )
})

test('a server names the file with its secret in the log, and never the secret', async () => {
  const stateDir = newFolder()
  const lines: string[] = []
  const server = await startServer({
    port: 0,
    host: '127.0.0.1',
    stateDir,
    logTo: { write: (line) => void lines.push(line) },
  })
  await server.close()
  const file = join(stateDir, 'secret')
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({
      level: 'info',
      msg: 'secret kept in the state directory',
      file,
      isNew: true,
    }),
  )
  expect(lines.join('')).not.toContain(readFileSync(file, 'utf8').trim())
})

test('a server that cannot use its state directory starts with a warning', async () => {
  const file = join(newFolder(), 'file')
  writeFileSync(file, '')
  const lines: string[] = []
  const logTo = { write: (line: string) => void lines.push(line) }
  const server = await startServer({ port: 0, host: '127.0.0.1', stateDir: file, logTo })
  await server.close()
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      msg: 'SKEIN_SECRET is not set: a restart loses all rooms',
      directory: file,
      reason: 'EEXIST',
    }),
  )
})
