import { parseArgs } from 'node:util'
import type { Result } from '@skein/protocol'
import { type Setting, type Settings, settingTable } from './settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What the command line asks for. */
export type Command =
  | { readonly type: 'help' | 'version' }
  | { readonly type: 'start'; readonly settings: Partial<Settings> }

/** Reads flags over environment; an error is one sentence that names the setting. */
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

/** `SKEIN_MAX_CONNECTIONS` as a flag: `max-connections`. */
export const flagOf = (env: string): string =>
  env
    .replace(/^SKEIN_/, '')
    .replaceAll('_', '-')
    .toLowerCase()

/** Names that look like ours and mean nothing: more likely a slip than a wish. */
export const unknownVariables = (env: Environment): readonly string[] => {
  const known = new Set(rows().map(([, row]) => row.env))
  return Object.keys(env).filter((name) => name.startsWith('SKEIN_') && !known.has(name))
}

export const helpText = (): string => {
  const lines = rows().map(([, row]) => {
    const flag = `--${flagOf(row.env)} ${row.placeholder}`
    const fallback = row.fallback === null || `${row.fallback}` === '' ? '' : ` [${row.fallback}]`
    return `  ${flag.padEnd(38)} ${row.env.padEnd(30)} ${row.help}${fallback}`
  })
  return [
    'skein-signal: introduces the visitors of a page to each other.',
    '',
    'Each setting is a flag or an environment variable; the flag wins.',
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
    const given = givenFor(row, { flags, env })
    if (given === null) continue
    const result = given === '' ? missing : row.read(given)
    if (!result.ok) return { ok: false, error: sentence(row, result.error, given) }
    values.push([name, result.value])
  }
  return { ok: true, value: Object.fromEntries(values) }
}

const givenFor = (
  row: Setting<unknown>,
  { flags, env }: { readonly flags: Flags; readonly env: Environment },
): string | null => {
  const flag = flags[flagOf(row.env)]
  // Compose files set what is not wanted to the empty text.
  return typeof flag === 'string' ? flag : env[row.env] || null
}

const missing: Result<never, string> = { ok: false, error: 'given a value' }

const sentence = (row: Setting<unknown>, error: string, given: string): string => {
  // A secret on the terminal ends up in a log.
  const shown = /(SECRET|TOKEN|KEY|REDIS_URL)$/.test(row.env) ? 'that' : `"${given}"`
  return `${row.env} (--${flagOf(row.env)}) must be ${error}, not ${shown}.`
}

const rows = (): readonly (readonly [string, Setting<unknown>])[] => Object.entries(settingTable)
