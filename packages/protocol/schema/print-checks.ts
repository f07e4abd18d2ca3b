import { Build } from 'typebox/schema'
import { type JsonSchema, type Schemas, typeOf } from './json-schema.ts'

/** What a generated module of checks contains. */
export interface ChecksModule {
  readonly messages: Schemas
  readonly parts: Schemas
  /** Adds a check for each field, so that an error can name the field. */
  readonly withFieldChecks: boolean
}

/**
 * Prints the checks that TypeBox generates for each message, as TypeScript source that does not
 * need TypeBox at run time.
 */
export const printChecks = ({ messages, parts, withFieldChecks }: ChecksModule): string => {
  const stubs = createStubs(parts)
  const all = { ...reachableParts(messages, parts), ...messages }
  const functions = Object.entries(all).map(
    ([name, schema]) =>
      `const is${name} = (value: unknown): boolean => ${expression(schema, stubs)}`,
  )
  const rows = Object.entries(messages).map(([name, schema]) => `'${typeOf(schema)}': is${name},`)
  const types = Object.values(messages).map((schema) => `'${typeOf(schema)}'`)
  const tables = [
    `/** Whether a value is a valid message of that \`type\`. */\nexport const checks: Readonly<Record<${types.join(' | ')}, (value: unknown) => boolean>> = {\n${rows.join('\n')}\n}`,
    ...(withFieldChecks ? [printFieldChecks(messages, stubs)] : []),
  ]
  return hoistPatterns([...functions, ...tables].join('\n\n'))
}

const printFieldChecks = (messages: Schemas, stubs: Schemas): string => {
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
    '/** A check for each field: slow, only used to name the invalid field. */',
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

/** The expression over `value` that TypeBox generates, with references to parts by name. */
const expression = (schema: JsonSchema, stubs: Schemas): string => {
  if (schema.$ref !== undefined) return `is${schema.$ref}(value)`
  const built = Build(stubs, schema)
  const [entry = '', ...referenced] = built.Functions()
  const names = new Map(
    referenced.map((code) => [code.match(/check_\d+/)?.[0], code.match(/"§(\w+)"/)?.[1]]),
  )
  const patterns = built.External().variables.map(String)
  const body = entry.replace(/^const check_\d+ = \(\(value\) => /, '').replace(/\)$/, '')
  return simplify(body)
    .replace(/check_\d+/g, (name) => `is${names.get(name)}`)
    .replace(/External\[(\d+)\]/g, (_, index) => `${patterns[Number(index)]}`)
}

/** Replaces each part by a constant that can be recognized in the generated code. */
const createStubs = (parts: Schemas): Schemas =>
  Object.fromEntries(Object.keys(parts).map((name) => [name, { const: `§${name}` }]))

/**
 * Removes tests that a value parsed from JSON does not need (`bigint`, `undefined`) and unused
 * parameters, and orders the tests so that TypeScript can narrow the type.
 */
const simplify = (code: string): string =>
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

/** Describes what a field must be, for error messages. */
const describe = (schema: JsonSchema): string => {
  if (schema.anyOf) return schema.anyOf.map(describe).join(' or ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  return fieldTypes[schema.tsType ?? schema.$ref ?? schema.type ?? ''] ?? describeRange(schema)
}

const fieldTypes: Readonly<Record<string, string>> = {
  PeerId: 'the id of a peer',
  Presence: 'an object',
  SignalData: 'a description or a candidate of a link',
  boolean: 'true or false',
  null: 'null',
  string: 'a string',
}

const describeRange = ({ minimum, maximum }: JsonSchema): string =>
  maximum === undefined ? 'an integer' : `an integer from ${minimum} to ${maximum}`
