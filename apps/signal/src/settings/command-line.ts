import { parseArgs } from 'node:util'
import type { Result } from '@skein/protocol'
import { type Setting, type Settings, settingTable } from './settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What the command line requests. */
export type Command =
  | { readonly type: 'help' | 'version' }
  | { readonly type: 'start'; readonly settings: Partial<Settings> }

/** Reads flags and environment; flags take precedence. An error is one sentence naming a setting. */
export const readCommand = ({
  argv,
  env,
}: {
  readonly argv: readonly string[]
  readonly env: Environment
}): Result<Command, string> => {
  const flags = readFlags(argv)
  if (!flags.ok) return flags
  if (flags.value.help === true) return { ok: true, value: { type: 'help' } }
  if (flags.value.version === true) return { ok: true, value: { type: 'version' } }
  const settings = readSettings({ flags: flags.value, env })
  return settings.ok ? { ok: true, value: { type: 'start', settings: settings.value } } : settings
}

/** Returns the flag of a variable: `max-connections` for `SKEIN_MAX_CONNECTIONS`. */
export const flagOf = (env: string): string =>
  env
    .replace(/^SKEIN_/, '')
    .replaceAll('_', '-')
    .toLowerCase()

/** Returns the variables that start with `SKEIN_` but are no settings, most likely typos. */
export const unknownVariables = (env: Environment): readonly string[] => {
  const known = new Set(rows().map(([, row]) => row.env))
  return Object.keys(env).filter((name) => name.startsWith('SKEIN_') && !known.has(name))
}

/** The text of `--help`. */
export const helpText = (): string => {
  const lines = rows().map(([, row]) => {
    const flag = `--${flagOf(row.env)} ${row.placeholder}`
    const fallback = row.fallback === null || `${row.fallback}` === '' ? '' : ` [${row.fallback}]`
    return `  ${flag.padEnd(38)} ${row.env.padEnd(30)} ${row.help}${fallback}`
  })
  return [
    'skein-signal: the signaling server of Skein.',
    '',
    'Each setting is a flag or an environment variable; the flag takes precedence.',
    '',
    ...lines,
    '  --help',
    '  --version',
  ].join('\n')
}

type Flags = Readonly<Record<string, string | boolean | undefined>>

const readFlags = (argv: readonly string[]): Result<Flags, string> => {
  const named = rows().map(([, row]) => [flagOf(row.env), { type: 'string' as const }] as const)
  const switches = { help: { type: 'boolean' as const }, version: { type: 'boolean' as const } }
  try {
    const options = { ...Object.fromEntries(named), ...switches }
    return { ok: true, value: parseArgs({ args: [...argv], options }).values }
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : 'unknown'
    return { ok: false, error: `${reason}; see --help.` }
  }
}

const readSettings = ({
  flags,
  env,
}: {
  readonly flags: Flags
  readonly env: Environment
}): Result<Partial<Settings>, string> => {
  const values: [string, unknown][] = []
  for (const [name, row] of rows()) {
    const text = textFor(row, { flags, env })
    if (text === null) continue
    const result = text === '' ? missing : row.read(text)
    if (!result.ok) return { ok: false, error: errorSentence(row, result.error, text) }
    values.push([name, result.value])
  }
  return { ok: true, value: Object.fromEntries(values) }
}

const textFor = (
  row: Setting<unknown>,
  { flags, env }: { readonly flags: Flags; readonly env: Environment },
): string | null => {
  const flag = flags[flagOf(row.env)]
  // Compose files set unused variables to the empty string.
  return typeof flag === 'string' ? flag : env[row.env] || null
}

const missing: Result<never, string> = { ok: false, error: 'non-empty' }

const errorSentence = (row: Setting<unknown>, error: string, text: string): string => {
  // Standard error often ends up in a log, so secrets are not repeated.
  const isSecret = /(SECRET|TOKEN|KEY|REDIS_URL)$/.test(row.env)
  const actual = isSecret ? '' : `, not "${text}"`
  return `${row.env} (--${flagOf(row.env)}) must be ${error}${actual}.`
}

const rows = (): readonly (readonly [string, Setting<unknown>])[] => Object.entries(settingTable)
