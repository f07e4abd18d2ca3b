import { parseArgs } from 'node:util'
import { type ScreenName, screenNames } from './screen-names.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

export type Theme = 'light' | 'dark'
export type Language = 'en' | 'zh-CN'

/** What to take pictures of: every combination. */
export interface Options {
  readonly screens: readonly ScreenName[]
  readonly sizes: readonly Size[]
  readonly themes: readonly Theme[]
  readonly languages: readonly Language[]
  /** The directory to write to. */
  readonly out: string
}

/** The command line asks for something impossible; the message is for the user. */
export class OptionError extends Error {}

const themes: readonly Theme[] = ['light', 'dark']
const languages: readonly Language[] = ['en', 'zh-CN']
const allSizes = ['360x740', '740x360', '768x1024', '1440x900', '2560x1440'] as const
/** Larger ones are no screens. */
const maxPixels = 8_000

export const usage =
  'shots [--screens=NAME,…] [--sizes=WIDTHxHEIGHT,…] [--themes=light,dark] ' +
  '[--languages=en,zh-CN] [--out=DIRECTORY]'

/** @throws OptionError with a sentence or two. */
export function readOptions(args: readonly string[]): Options {
  const { screens, sizes, themes: looks, languages: tongues, out = 'shots/out' } = parse(args)
  if (out === '') throw new OptionError('--out needs a directory.')
  return {
    screens: pick('--screens', screens, screenNames),
    sizes: listOf(sizes, allSizes).map(readSize),
    themes: pick('--themes', looks, themes),
    languages: pick('--languages', tongues, languages),
    out,
  }
}

function parse(args: readonly string[]) {
  const type = 'string' as const
  const options = {
    screens: { type },
    sizes: { type },
    themes: { type },
    languages: { type },
    out: { type },
  }
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new OptionError(`${reason}\n${usage}`, { cause: error })
  }
}

const listOf = (text: string | undefined, whenAbsent: readonly string[]): readonly string[] =>
  text === undefined ? whenAbsent : text.split(',')

function pick<Name extends string>(
  flag: string,
  text: string | undefined,
  known: readonly Name[],
): readonly Name[] {
  return listOf(text, known).map((name) => {
    const found = known.find((each) => each === name)
    if (found !== undefined) return found
    throw new OptionError(`${flag} does not know "${name}". It knows: ${known.join(', ')}.`)
  })
}

function readSize(text: string): Size {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(text) ?? []
  const size = { width: Number(width), height: Number(height) }
  const isScreen = [size.width, size.height].every((side) => side > 0 && side <= maxPixels)
  if (isScreen) return size
  throw new OptionError(`--sizes does not know "${text}". A size is like 360x740, in CSS pixels.`)
}
