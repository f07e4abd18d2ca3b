import { Build } from 'typebox/schema'
import { type JsonSchema, type Schemas, typeOf } from './json-schema.ts'

export interface ChecksModule {
  readonly messages: Schemas
  readonly parts: Schemas
  /** Also one check a field, for the error that names the field. */
  readonly withFields: boolean
}

/**
 * TypeScript source of the checks that TypeBox generates for each message: plain code, which needs
 * nothing of TypeBox when it runs.
 */
export const printChecks = ({ messages, parts, withFields }: ChecksModule): string => {
  const stubs = stubsOf(parts)
  const all = { ...reachableParts(messages, parts), ...messages }
  const functions = Object.entries(all).map(
    ([name, schema]) =>
      `const is${name} = (value: unknown): boolean => ${expression(schema, stubs)}`,
  )
  const rows = Object.entries(messages).map(([name, schema]) => `'${typeOf(schema)}': is${name},`)
  const types = Object.values(messages).map((schema) => `'${typeOf(schema)}'`)
  const tables = [
    `/** Whether a value is a proper message of that \`type\`. */\nexport const checks: Readonly<Record<${types.join(' | ')}, (value: unknown) => boolean>> = {\n${rows.join('\n')}\n}`,
    ...(withFields ? [printFields(messages, stubs)] : []),
  ]
  return hoistPatterns([...functions, ...tables].join('\n\n'))
}

const printFields = (messages: Schemas, stubs: Schemas): string => {
  const rows = Object.entries(messages).map(([, schema]) => {
    const fields = Object.entries(schema.properties ?? {}).filter(([name]) => name !== 'type')
    const checks = fields.map(([name, field]) => {
      const isOptional = !schema.required?.includes(name)
      const test = `${isOptional ? 'value === undefined || ' : ''}${expression(field, stubs)}`
      return `'${name}': { test: (value) => ${test}, expected: '${describe(field)}' },`
    })
    return `'${typeOf(schema)}': {\n${checks.join('\n')}\n},`
  })
  return [
    '/** One check a field: the slow way, to say which of them is wrong. */',
    'export const fieldChecks: Readonly<',
    '  Record<keyof typeof checks, Readonly<Record<string, FieldCheck>>>',
    `> = {\n${rows.join('\n')}\n}`,
    '',
    'interface FieldCheck {',
    '  readonly test: (value: unknown) => boolean',
    '  /** Follows "must be". */',
    '  readonly expected: string',
    '}',
  ].join('\n')
}

/** The expression over `value` that TypeBox generates, with references by name. */
const expression = (schema: JsonSchema, stubs: Schemas): string => {
  if (schema.$ref !== undefined) return `is${schema.$ref}(value)`
  const built = Build(stubs, schema)
  const [entry = '', ...referenced] = built.Functions()
  const names = new Map(
    referenced.map((code) => [code.match(/check_\d+/)?.[0], code.match(/"§(\w+)"/)?.[1]]),
  )
  const patterns = built.External().variables.map(String)
  const body = entry.replace(/^const check_\d+ = \(\(value\) => /, '').replace(/\)$/, '')
  return tidy(body)
    .replace(/check_\d+/g, (name) => `is${names.get(name)}`)
    .replace(/External\[(\d+)\]/g, (_, index) => `${patterns[Number(index)]}`)
}

/** In place of each part a value that can be found again in the code. */
const stubsOf = (parts: Schemas): Schemas =>
  Object.fromEntries(Object.keys(parts).map((name) => [name, { const: `§${name}` }]))

/**
 * Takes out what can never matter for a value that came from JSON (`bigint`, `undefined`, unused
 * parameters), and puts tests in the order in which TypeScript narrows.
 */
const tidy = (code: string): string =>
  code
    .replace(/\(typeof ([\w.]+) === "string" && \1 === ("[^"]*")\)/g, '$1 === $2')
    .replace(/\(Number\.isFinite\(([\w.]+)\) && \1 === (\d+)\)/g, '$1 === $2')
    .replace(/\(!\(\(Number\.isFinite\(([\w.]+)\) \|\| typeof \1 === "bigint"\)\) \|\| /g, '(')
    .replace(/Number\.isInteger\(([\w.]+)\)/g, '(typeof $1 === "number" && Number.isInteger($1))')
    .replace(/Number\.isFinite\(([\w.]+)\)/g, 'typeof $1 === "number"')
    .replace(/\(([\w.]+) === undefined \|\| \(!\(("\w+" in [\w.]+)\) \|\| /g, '(!($2) || (')
    .replace(/\((\w+), index\) =>/g, '($1) =>')
    .replace(/!\(Array\.isArray\(([\w.]+)\)\)/g, '!Array.isArray($1)')

const reachableParts = (messages: Schemas, parts: Schemas): Schemas => {
  const names = new Set<string>()
  const visit = (schemas: Schemas): void => {
    for (const [, name = ''] of JSON.stringify(schemas).matchAll(/"\$ref":"(\w+)"/g)) {
      const part = parts[name]
      if (part === undefined || names.has(name)) continue
      names.add(name)
      visit({ part })
    }
  }
  visit(messages)
  return Object.fromEntries(Object.entries(parts).filter(([name]) => names.has(name)))
}

const hoistPatterns = (code: string): string => {
  const constants = new Map<string, string>()
  const body = code.replace(/(\/\^[^/\n]*\$\/u)\.test/g, (_, pattern: string) => {
    const name = constants.get(pattern) ?? `pattern${constants.size + 1}`
    constants.set(pattern, name)
    return `${name}.test`
  })
  const lines = [...constants].map(([pattern, name]) => `const ${name} = ${pattern}`)
  return [...lines, '', body].join('\n')
}

/** What a field must be, in words. */
const describe = (schema: JsonSchema): string => {
  if (schema.anyOf) return schema.anyOf.map(describe).join(' or ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  return wordsFor[schema.tsType ?? schema.$ref ?? schema.type ?? ''] ?? describeRange(schema)
}

const wordsFor: Readonly<Record<string, string>> = {
  PeerId: 'the id of a peer',
  Presence: 'an object',
  SignalData: 'a description or a candidate of a link',
  boolean: 'true or false',
  null: 'null',
  string: 'a string',
}

const describeRange = ({ minimum, maximum }: JsonSchema): string =>
  maximum === undefined ? 'an integer' : `an integer from ${minimum} to ${maximum}`
