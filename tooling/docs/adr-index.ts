import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root } from './markdown.ts'

/** Replaces the list in the README of the decision records with the titles of their files. */
export function withIndex(readme: string): string {
  const section = /(<!-- index -->)[\s\S]*?(<!-- \/index -->)/
  return readme.replace(section, (_, start: string, end: string) => `${start}\n${index()}\n${end}`)
}

function index(): string {
  const files = globSync('docs/adr/[0-9]*.md', { cwd: root }).toSorted()
  return files.map((file) => `- [${titleOf(file)}](${basename(file)})`).join('\n')
}

function titleOf(file: string): string {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8')) ?? []
  if (title === undefined) throw new Error(`${file} has no title`)
  return title
}
