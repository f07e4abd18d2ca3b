import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './markdown.ts'

/** The parts of the READMEs that are generated. */
export interface Facts {
  /** The example: a slice of a file that a test runs. */
  readonly example: string
  /** What a page loads for the SDK, minified and brotli, in KiB with one decimal. */
  readonly sizeKib: string
}

/** The READMEs with these parts. */
export const readmes = ['README.md', 'README.zh-CN.md'] as const

/** Fills in the text between `<!-- example -->` and `<!-- /example -->`, and so on. */
export function withFacts(text: string, { example, sizeKib }: Facts): string {
  const fence = `\n\`\`\`ts\n${example}\n\`\`\`\n`
  return between(between(text, { name: 'example', content: fence }), {
    name: 'size',
    content: `${sizeKib} KiB`,
  })
}

/** Reads the slice of the example, and measures the size with size-limit. */
export function readFacts(): Facts {
  return { example: readExample(), sizeKib: (measureSdk() / 1024).toFixed(1) }
}

/** The lines from `// #region readme` to `// #endregion`, without common indentation. */
export function regionOf(text: string): string | null {
  const [, body] = /^[ \t]*\/\/ #region readme\n([\s\S]*?)^[ \t]*\/\/ #endregion/m.exec(text) ?? []
  if (body === undefined) return null
  const lines = body.trimEnd().split('\n')
  const margin = Math.min(...lines.filter((line) => line.trim() !== '').map(indentOf))
  return lines.map((line) => line.slice(margin)).join('\n')
}

function readExample(): string {
  const files = globSync('examples/two-peers/{src/,}*.ts', { cwd: root })
  const slices = files.map((file) => regionOf(readFileSync(join(root, file), 'utf8')))
  const [slice, ...more] = slices.filter((one) => one !== null)
  if (slice === undefined || more.length > 0) {
    throw new Error('examples/two-peers must have one `// #region readme`')
  }
  return slice
}

/** In bytes. The SDK must have been built. */
function measureSdk(): number {
  const bin = join(root, 'packages/sdk/node_modules/size-limit/bin.js')
  // The exit code is ignored: the task `size` checks the limit.
  const { stdout } = spawnSync(process.execPath, [bin, '--json'], {
    cwd: join(root, 'packages/sdk'),
    encoding: 'utf8',
  })
  const [main]: readonly { readonly size: number }[] = JSON.parse(stdout)
  if (main === undefined) throw new Error('size-limit reported no size')
  return main.size
}

function between(text: string, { name, content }: { name: string; content: string }): string {
  const section = new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`, 'g')
  if (!section.test(text)) throw new Error(`a README has no markers for: ${name}`)
  return text.replace(section, (_, start: string, end: string) => `${start}${content}${end}`)
}

const indentOf = (line: string): number => line.length - line.trimStart().length
