import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { isTest, root, sources } from './sources.ts'

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
/** Imports enter a package only through its exports; this file is read. */
const [, list = ''] = /= `([^`]+)`/.exec(read('packages/sdk/internal-names.ts')) ?? []
const internalNames = list.trim().split(/\s+/)

const ofSdk = sources().filter(({ path }) => path.startsWith('packages/sdk/src/'))
const code = ofSdk.filter(({ path }) => !isTest(path)).map(({ text }) => withoutComments(text))
/** What it returns and takes is public, down to the last field. */
const ofDiagnose = ofSdk.filter(({ path }) => /\/diagnose\/(report|sentences)\.ts$/.test(path))
const forTests = ofSdk.filter(({ path }) => /\/testing\/[\w-]+\.ts$/.test(path))

/** The names of the properties and methods that a piece of TypeScript declares. */
const membersIn = (text: string): string[] =>
  [...withoutComments(text).matchAll(/(?<![\w$])(\w+)\??(?=\s*[:(<])/g)].map(
    ([, name = '']) => name,
  )

/** What is in backquotes, and the fields of JSON. */
const codeIn = (markdown: string): string[] =>
  [...markdown.matchAll(/`([^`\n]+)`|"(\w+)":/g)].flatMap(
    ([, span, field]) => (span ?? field)?.match(/\w+/g) ?? [],
  )

/** The texts in code, as in `'name' in value`; `Pick<Options, 'name'>` is a type. */
const textsIn = (source: string): string[] =>
  [...source.replace(/\b(Pick|Omit)<[^>]*>|\['\w+'\]/g, '').matchAll(/'(\w+)'/g)].map(
    ([, name = '']) => name,
  )

/** The platform's types whose values the SDK touches. */
const platformTypes = [
  /^RTC(PeerConnection|DataChannel|SctpTransport|SessionDescription|IceCandidate)\w*$/,
  /^RTC(IceServer|Configuration|OfferOptions|StatsReport|TransportStats|LocalSession\w*)$/,
  /^(Blob|ArrayBuffer|RegExp|Object|Error|Abort|URL|WindowOrWorker|Lock)\w*$/,
  /^\w*(Event\w*|Array|Map|Set|Promise|Iterator|Generator|TextEncoder|TextDecoder)(Constructor)?$/,
  /^(WebSocket|File|FilePropertyBag|DataView|Number|String|Function|JSON|Math|Storage|Performance)$/,
  /^(Navigator|Permissions?\w*|Response|RequestInit|NetworkInformation)$/,
  /^(Crypto\w*|SubtleCrypto|JsonWebKey|\w+Params|\w*Algorithm)$/,
]

/** The type declarations that TypeScript brings for this machine's platform. */
const declarations = (): string[] => {
  const { resolve } = createRequire(
    createRequire(import.meta.url).resolve('typescript/package.json'),
  )
  const { platform: system, arch } = process
  const folder = join(
    dirname(resolve(`@typescript/typescript-${system}-${arch}/package.json`)),
    'lib',
  )
  return readdirSync(folder)
    .filter((file) => /^lib\.(es|dom)[\w.]*\.d\.ts$/.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
}

const platformNames = (): string[] =>
  declarations().flatMap((text) =>
    [...text.matchAll(/^(?:declare )?interface (\w+)[^{]*\{([\s\S]*?)^\}/gm)]
      .filter(([, name = '']) => platformTypes.some((type) => type.test(name)))
      .flatMap(([, , body = '']) => [...body.matchAll(/^\s+(?:readonly |[gs]et )*(\w+)\??[:(<]/gm)])
      .map(([, name = '']) => name),
  )

/** Who may use a name, so that it must not be shortened. */
const known: readonly (readonly [who: string, names: () => readonly string[]])[] = [
  ['applications', () => membersIn(read('packages/sdk/src/api.ts'))],
  ['users of reports', () => ofDiagnose.flatMap(({ text }) => membersIn(text))],
  ['tests of applications', () => forTests.flatMap(({ text }) => membersIn(text))],
  ['the server', () => membersIn(read('packages/protocol/src/messages.ts'))],
  ['other peers', () => codeIn(read('packages/sdk/LINKS.md'))],
  ['the platform', platformNames],
  ['code that has it as a text', () => code.flatMap(textsIn)],
]

test.for(known)('no internal name of the SDK is known to %s', ([, names]) => {
  const found = new Set(names())
  expect(found.size).toBeGreaterThan(20)
  expect(internalNames.filter((name) => found.has(name))).toEqual([])
})

test('internal names of the SDK are found', () => {
  expect(internalNames.length).toBeGreaterThan(100)
})
