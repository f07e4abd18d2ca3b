import { parseArgs } from 'node:util'
import { type BrowserKind, browserKinds } from './browsers/browser.ts'
import type { Row } from './rows/row.ts'
import { rows } from './rows/rows.ts'
import { type ServerKind, serverKinds } from './servers/server-kind.ts'

export interface Arguments {
  readonly rows: readonly Row[]
  readonly kinds: readonly ServerKind[]
  readonly runs: number
  /** How many rooms suffer a fault at once. */
  readonly rooms: number
  /** Those of A and B; all others are Chromium. */
  readonly browsers: readonly BrowserKind[]
  readonly delayMs: number
  readonly seed: number
  /** Files for the report: `.json`, or `.md`. */
  readonly out: readonly string[]
  /** Report these results instead of measuring. */
  readonly from: readonly string[]
}

/** The command line asks for something impossible; the message is for the user. */
export class ArgumentError extends Error {}

export const usage =
  'netlab [--rows=NAME,…] [--servers=stun,udp,tcp,tls] [--runs=NUMBER] [--rooms=NUMBER] ' +
  '[--browsers=chromium,firefox] [--delay=MS] [--seed=NUMBER] [--short] ' +
  '[--out=FILE.json,FILE.md] [--from=FILE.json,…]'

/** @throws ArgumentError with a message of one sentence or two. */
export function readArguments(args: readonly string[]): Arguments {
  const {
    servers,
    runs,
    rooms,
    browsers,
    delay,
    seed,
    short = false,
    out,
    from,
    ...others
  } = parse(args)
  return {
    rows: pickRows(others.rows, short),
    kinds: pick({
      flag: '--servers',
      text: servers,
      known: serverKinds,
      whenAbsent: short ? shortServers : ['stun'],
    }),
    runs: readNumber({ flag: '--runs', text: runs, from: 1, to: 1_000, whenAbsent: 1 }),
    rooms: readNumber({ flag: '--rooms', text: rooms, from: 1, to: 16, whenAbsent: 4 }),
    browsers: pick({
      flag: '--browsers',
      text: browsers,
      known: browserKinds,
      whenAbsent: ['chromium'],
    }),
    delayMs: readNumber({ flag: '--delay', text: delay, from: 0, to: 2_000, whenAbsent: 0 }),
    seed: readNumber({
      flag: '--seed',
      text: seed,
      from: 0,
      to: 2 ** 31,
      whenAbsent: Date.now() % 2 ** 31,
    }),
    out: splitFiles(out, /\.(?:json|md)$/),
    from: splitFiles(from, /\.json$/),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      // pnpm passes `--` on.
      args: args.filter((arg) => arg !== '--'),
      options: {
        rows: { type: 'string' },
        servers: { type: 'string' },
        runs: { type: 'string' },
        rooms: { type: 'string' },
        browsers: { type: 'string' },
        delay: { type: 'string' },
        seed: { type: 'string' },
        short: { type: 'boolean' },
        out: { type: 'string' },
        from: { type: 'string' },
      },
    }).values
  } catch (cause) {
    throw new ArgumentError(`Unknown argument. Usage: ${usage}`, { cause })
  }
}

function pickRows(names: string | undefined, isShort: boolean): readonly Row[] {
  if (names !== undefined && isShort) {
    throw new ArgumentError('--short has rows of its own: leave out --rows.')
  }
  const known = rows.map(({ name }) => name)
  const wanted = pick({
    flag: '--rows',
    text: names,
    known,
    whenAbsent: isShort ? shortRows : known,
  })
  return wanted.flatMap((name) => rows.filter((row) => row.name === name))
}

/** About two minutes, each with STUN alone and with TURN over TCP. */
export const shortRows: readonly string[] = [
  'four-pairs',
  'drop10',
  'swap',
  'natlost',
  'turn-restart',
]
const shortServers: readonly ServerKind[] = ['stun', 'tcp']

interface Choice<Name extends string> {
  readonly flag: string
  readonly text: string | undefined
  readonly known: readonly Name[]
  readonly whenAbsent: readonly Name[]
}

function pick<Name extends string>({
  flag,
  text,
  known,
  whenAbsent,
}: Choice<Name>): readonly Name[] {
  if (text === undefined) return whenAbsent
  return text.split(',').map((asked) => {
    const name = known.find((one) => one === asked)
    if (name === undefined) {
      throw new ArgumentError(`${flag} does not know "${asked}". It knows: ${known.join(', ')}.`)
    }
    return name
  })
}

interface NumberChoice {
  readonly flag: string
  readonly text: string | undefined
  readonly from: number
  readonly to: number
  readonly whenAbsent: number
}

function readNumber({ flag, text, from, to, whenAbsent }: NumberChoice): number {
  if (text === undefined) return whenAbsent
  const number = Number(text)
  if (text.trim() !== '' && Number.isInteger(number) && number >= from && number <= to)
    return number
  throw new ArgumentError(`${flag} takes a whole number from ${from} to ${to}, not "${text}".`)
}

function splitFiles(text: string | undefined, ending: RegExp): readonly string[] {
  const files = text?.split(',') ?? []
  for (const file of files) {
    if (!ending.test(file))
      throw new ArgumentError(`"${file}" does not end in ${describe(ending)}.`)
  }
  return files
}

const describe = (ending: RegExp): string => (ending.test('.md') ? '.json or .md' : '.json')
