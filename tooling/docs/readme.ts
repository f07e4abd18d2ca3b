import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './markdown.ts'

/** What the READMEs say that is kept true by a machine. */
export interface Facts {
  /** The example, as it stands in a file that the tests run. */
  readonly example: string
  /** The main entry of the SDK with the protocol, minified and brotli, in KiB with one decimal. */
  readonly sizeKib: string
}

/** The READMEs that carry these facts. */
export const readmes = ['README.md', 'README.zh-CN.md'] as const

/** Puts the facts in their places: between `<!-- example -->` and `<!-- /example -->`, and so on. */
export function withFacts(text: string, { example, sizeKib }: Facts): string {
  const fence = `\n\`\`\`ts\n${example}\n\`\`\`\n`
  return between(between(text, { name: 'example', content: fence }), {
    name: 'size',
    content: `${sizeKib} KiB`,
  })
}

/** Reads both: the slice of the example, and the size as size-limit measures it. */
export function readFacts(): Facts {
  return { example: readExample(), sizeKib: (measureSdk() / 1024).toFixed(1) }
}

/** The lines from `// #region readme` to `// #endregion`, brought to the left margin. */
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
  // It fails above its limit, which is for the task `size` to say: here the number counts.
  const { stdout } = spawnSync(process.execPath, [bin, '--json'], {
    cwd: join(root, 'packages/sdk'),
    encoding: 'utf8',
  })
  const [main]: readonly { readonly size: number }[] = JSON.parse(stdout)
  if (main === undefined) throw new Error('size-limit measured nothing')
  return main.size
}

function between(text: string, { name, content }: { name: string; content: string }): string {
  const place = new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`, 'g')
  if (!place.test(text)) throw new Error(`a README lacks its place for: ${name}`)
  return text.replace(place, (_, start: string, end: string) => `${start}${content}${end}`)
}

const indentOf = (line: string): number => line.length - line.trimStart().length
