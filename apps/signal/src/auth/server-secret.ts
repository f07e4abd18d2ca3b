import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { minSecretBytes } from '../settings/setting-readers.ts'
import type { Settings } from '../settings/settings.ts'
import { StartError } from '../settings/start-error.ts'

/** The secret that signs resume tokens. */
export interface ServerSecret {
  readonly value: string
  /** Whether an earlier process may have signed tokens with it. */
  readonly mayHavePredecessor: boolean
  readonly source: SecretSource
}

export type SecretSource =
  | { readonly type: 'setting' }
  | { readonly type: 'file'; readonly file: string; readonly isNew: boolean }
  /** It ends with the process. `unwritable`: the state directory, and why it cannot be used. */
  | {
      readonly type: 'random'
      readonly unwritable: { readonly directory: string; readonly reason: string } | null
    }

/**
 * Returns `SKEIN_SECRET`, or else the secret in the state directory, which the first start creates.
 * Throws a `StartError` when that file exists but cannot be trusted.
 */
export const openSecret = ({ secret, stateDir }: Settings): ServerSecret => {
  if (secret !== null) {
    return { value: secret, mayHavePredecessor: true, source: { type: 'setting' } }
  }
  return stateDir === null ? randomSecret(null) : openFile(resolve(stateDir))
}

const openFile = (directory: string): ServerSecret => {
  const file = join(directory, 'secret')
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const isNew = create(file)
    const source = { type: 'file', file, isNew } as const
    return { value: read(file), mayHavePredecessor: !isNew, source }
  } catch (error) {
    if (error instanceof StartError) throw error
    return randomSecret({ directory, reason: codeOf(error) })
  }
}

const randomSecret = (
  unwritable: Extract<SecretSource, { type: 'random' }>['unwritable'],
): ServerSecret => ({
  value: newSecret(),
  mayHavePredecessor: false,
  source: { type: 'random', unwritable },
})

/**
 * Creates the file with a new secret; false when it exists. It appears with its whole content, and
 * of several processes that start together one creates it, because a link never replaces a file.
 */
const create = (file: string): boolean => {
  if (existsSync(file)) return false
  const draft = `${file}.${randomBytes(8).toString('hex')}`
  try {
    writeFileSync(draft, `${newSecret()}\n`, { flag: 'wx', mode: 0o600, flush: true })
    linkSync(draft, file)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

const newSecret = (): string => randomBytes(minSecretBytes).toString('base64url')

/** Reads the secret. Throws a `StartError` when it cannot be read or trusted. */
const read = (file: string): string => {
  const secret = readPrivate(file)
  if (Buffer.byteLength(secret) >= minSecretBytes) return secret
  throw new StartError(
    `The secret in ${file} is shorter than ${minSecretBytes} bytes: delete the file, and the next start creates a new one.`,
  )
}

const readPrivate = (file: string): string => {
  let descriptor: number | null = null
  try {
    descriptor = openSync(file, 'r')
    // Of the file that was opened: its path may lead to another one by now.
    const fault = faultOf(fstatSync(descriptor))
    if (fault !== null) throw new StartError(`${fault(file)}, or set SKEIN_SECRET.`)
    return readFileSync(descriptor, 'utf8').trim()
  } catch (error) {
    if (error instanceof StartError) throw error
    const problem = `The secret in ${file} cannot be read (${codeOf(error)})`
    throw new StartError(`${problem}: let the server read it, or set SKEIN_SECRET.`, {
      cause: error,
    })
  } finally {
    if (descriptor !== null) closeSync(descriptor)
  }
}

/** Why others may know or replace the secret, and what to do; `null` when they cannot. */
const faultOf = ({ mode, uid }: Stats): ((file: string) => string) | null => {
  const user = process.getuid?.()
  // Windows has no such modes; there, the user's directory is private.
  if (user === undefined) return null
  if (uid !== user) return (file) => `${file} belongs to another user: run "chown ${user} ${file}"`
  return (mode & 0o077) === 0
    ? null
    : (file) => `Other users can access the secret in ${file}: run "chmod 600 ${file}"`
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
