import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A Markdown file of the repository, by its path from the root. */
export interface Page {
  readonly path: string
  readonly text: string
}

/** The root of the repository. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url))

/** All Markdown files of the repository, except changelogs, dependencies and build output. */
export function pages(): readonly Page[] {
  const excluded = new Set(['node_modules', 'dist', 'test-results', 'CHANGELOG.md'])
  const files = globSync(['*.md', '{.github,docs,packages,apps,tooling,examples}/**/*.md'], {
    cwd: root,
    exclude: (name) => name.split('/').some((part) => excluded.has(part)),
  })
  return files.toSorted().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** The targets of links, images and reference definitions, except those in code. */
export function linksOf(text: string): readonly string[] {
  const anyLink = /\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s*(\S+)|\b(?:src|href)="([^"]+)"/gm
  return [...prose(text).matchAll(anyLink)].map(([, inline, reference, html]) => {
    return inline ?? reference ?? html ?? ''
  })
}

/** The anchors that GitHub generates for the headings of a page. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const anchors = [...withoutFences(text).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, title]) => {
    const slug = slugOf(title ?? '')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  })
  return new Set(anchors)
}

/** The inline code of a page: file names, commands, code. */
export function codeSpansOf(text: string): readonly string[] {
  return [...withoutFences(text).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '')
}

function slugOf(title: string): string {
  return title
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

const withoutFences = (text: string): string =>
  text.replace(/^(\s*)(```+|~~~+)[\s\S]*?^\s*\2/gm, '')

const prose = (text: string): string => withoutFences(text).replace(/`[^`\n]+`/g, '')
