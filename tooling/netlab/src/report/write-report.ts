import { readFile, writeFile } from 'node:fs/promises'
import { toMarkdown } from './markdown.ts'
import type { Report } from './report.ts'

/** Writes JSON, or Markdown: between the markers of a page that has them, else a page of its own. */
export async function writeReport(file: string, report: Report): Promise<void> {
  if (file.endsWith('.json')) return writeFile(file, `${JSON.stringify(report)}\n`)
  const page = await readFile(file, 'utf8').catch(() => `${beginMarker}\n${endMarker}\n`)
  await writeFile(file, withResults(page, toMarkdown(report)))
}

const beginMarker = '<!-- results -->'
const endMarker = '<!-- /results -->'

/** Replaces what is between the markers. @throws if they are missing. */
export function withResults(page: string, results: string): string {
  const [from, to] = [page.indexOf(beginMarker), page.indexOf(endMarker)]
  if (from === -1 || to < from) {
    throw new Error(`the page has no ${beginMarker} followed by ${endMarker}`)
  }
  return `${page.slice(0, from + beginMarker.length)}\n\n${results}\n\n${page.slice(to)}`
}
