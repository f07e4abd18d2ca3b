import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from './markdown.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const source = read('packages/sdk/src/diagnose/sentences.ts')

/** The sentences by code, as the SDK has them. The file is read: it is written for browsers. */
const sentences = new Map(
  [
    ...source.matchAll(
      /^ {2}'?([\w-]+)'?: \[\s*'(?:error|warning|info)',\s*'((?:[^'\\]|\\.)*)',?\s*\]/gm,
    ),
  ].map(([, code = '', text = '']) => [code, text]),
)

/** The sections of a page: what is quoted below the heading of a code. */
const sectionsOf = (page: string): ReadonlyMap<string, string> =>
  new Map(
    [...page.matchAll(/^### `([\w-]+)`\n\n> (.+)\n\n(?!#).+/gm)].map(([, code = '', text = '']) => [
      code,
      text,
    ]),
  )

test('all sentences of the SDK are found', () => {
  const codes = [...source.matchAll(/^ {2}\| '([\w-]+)'$/gm)].map(([, code]) => code)
  expect(codes.length).toBeGreaterThan(40)
  expect([...sentences.keys()].toSorted()).toEqual(codes.toSorted())
})

describe.for(['docs/troubleshooting.md', 'docs/troubleshooting.zh-CN.md'])('%s', (path) => {
  const sections = sectionsOf(read(path))

  test('explains each sentence of diagnose and check, word for word', () => {
    expect(Object.fromEntries(sections)).toEqual(Object.fromEntries(sentences))
  })

  test('says nothing of sentences that are gone', () => {
    const headings = [...read(path).matchAll(/^### `([\w-]+)`/gm)].map(([, code]) => code)
    expect(headings.filter((code) => !sentences.has(code ?? ''))).toEqual([])
  })
})
