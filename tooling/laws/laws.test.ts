import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { layers } from './layers.ts'
import { isTest, root, sources } from './sources.ts'

const all = sources()
const product = all.filter(({ path }) => !isTest(path))

test('sources are found', () => {
  expect(product.length).toBeGreaterThan(50)
})

test.for(layers)('$inside: $why', ({ inside, never }) => {
  const offences = product
    .filter(({ path }) => path.startsWith(inside))
    .flatMap(({ path, imports }) =>
      imports
        .filter((target) => never.some((start) => target.startsWith(start)))
        .map((target) => `${path} imports ${target}`),
    )
  expect(offences).toEqual([])
})

test('a package is entered only through its exports', () => {
  const offences = all.flatMap(({ path, imports }) => {
    const [top, name] = path.split('/')
    const home = `${top}/${name}/`
    return imports
      .filter(
        (target) =>
          /^(packages|apps|examples)\//.test(target) || /^@skein\/[\w-]+\/src\//.test(target),
      )
      .filter((target) => !target.startsWith(home))
      .map((target) => `${path} imports ${target}`)
  })
  expect(offences).toEqual([])
})

test('the server calls `step` in one place', () => {
  const callers = product
    .filter(({ path }) => path.startsWith('apps/signal/'))
    .filter(({ text }) => /\bstep\b[^'"]*\bfrom '@skein\/protocol\/room'/.test(text))
    .map(({ path }) => path)
  expect(callers).toEqual(['apps/signal/src/rooms/rooms.ts'])
})

test('the site imports the SDK in one file only', () => {
  const importers = product
    .filter(({ path }) => path.startsWith('apps/web/src/'))
    .filter(({ imports }) => imports.some((target) => target.startsWith('@skein/sdk')))
    .map(({ path }) => path)
  expect(importers).toEqual(['apps/web/src/lib/room.svelte.ts'])
})

test('file names say what the file holds', () => {
  const empty = /^(utils?|helpers?|types|manager|misc|common)\./
  expect(all.map(({ path }) => path).filter((path) => empty.test(basename(path)))).toEqual([])
})

test('components have at most 120 lines', () => {
  const long = all
    .filter(({ path }) => path.endsWith('.svelte'))
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 120)
  expect(long).toEqual([])
})

test('no test is skipped, focused, marked as todo, or retried', () => {
  const dodges =
    /\b(?:test|it|describe)\.(?:skip|only|todo|fixme|fails)\b|\bretry:|\bretries: [1-9]/
  const tests = all.filter(({ path }) => isTest(path) || path.endsWith('.config.ts'))
  expect(tests.filter(({ text }) => dodges.test(text)).map(({ path }) => path)).toEqual([])
})

test('no check is switched off', () => {
  const silence = /@ts-ignore|@ts-nocheck|eslint-disable|catch(?: \(\w+\))? \{\s*\}/
  const others = all.filter(({ path }) => !path.startsWith('tooling/laws/'))
  expect(others.filter(({ text }) => silence.test(text)).map(({ path }) => path)).toEqual([])
})

test('no default STUN or TURN server is built in', () => {
  const own = product.filter(({ path }) => /^(packages|apps)\/[^/]+\/src\//.test(path))
  const thirdParty = /['"`](?:stuns?|turns?):(?!\$|\/\/|['"`])[\w.-]+\.(?:com|org|net|io)/
  expect(own.filter(({ text }) => thirdParty.test(text)).map(({ path }) => path)).toEqual([])
})

test('the lockfiles contain no registry URLs', () => {
  for (const file of ['pnpm-lock.yaml', 'tooling/browser/chromium/package-lock.json']) {
    expect(readFileSync(join(root, file), 'utf8')).not.toMatch(/https?:\/\/[^\s'"]*registry/)
  }
})
