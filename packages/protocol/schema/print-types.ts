import type { JsonSchema, Schemas } from './json-schema.ts'

/** Prints an interface or a type for each schema, with the descriptions as docstrings. */
export const printTypes = (schemas: Schemas): string =>
  Object.entries(schemas)
    .map(([name, schema]) => docstring(schema.description) + declaration(name, schema))
    .join('\n\n')

/** Prints a union of named types. */
export const printUnion = (union: {
  readonly name: string
  readonly description: string
  readonly members: readonly string[]
}): string =>
  `${docstring(union.description)}export type ${union.name} = ${union.members.join(' | ')}`

const declaration = (name: string, schema: JsonSchema): string =>
  schema.properties === undefined
    ? `export type ${name} = ${type(schema)}`
    : `export interface ${name} ${body(schema)}`

const type = (schema: JsonSchema): string => {
  if (schema.tsType !== undefined) return schema.tsType
  if (schema.$ref !== undefined) return schema.$ref
  if (schema.const !== undefined) return literal(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ')
  if (schema.anyOf !== undefined) return schema.anyOf.map(member).join(' | ')
  if (schema.items !== undefined) return `readonly ${type(schema.items)}[]`
  if (schema.properties !== undefined) return body(schema)
  return schema.type === 'integer' ? 'number' : String(schema.type)
}

/** A member of a union, with its docstring if it has one. */
const member = (schema: JsonSchema): string =>
  (schema.description === undefined ? '' : `\n${docstring(schema.description)}`) + type(schema)

const body = (schema: JsonSchema): string => {
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    // Decoding fills in defaults, so a field with a default is always present.
    const isOptional = !schema.required?.includes(name) && field.default === undefined
    return `${docstring(field.description)}readonly ${name}${isOptional ? '?' : ''}: ${type(field)}`
  })
  return `{\n${fields.join('\n')}\n}`
}

const docstring = (description: string | undefined): string => {
  if (description === undefined) return ''
  const oneLine = `/** ${description} */\n`
  if (oneLine.length < 96 && !description.includes('@see')) return oneLine
  const paragraphs = description.split(/ (?=@see)/).flatMap((text) => wrap(text, 94))
  return `/**\n${paragraphs.map((line) => ` * ${line}\n`).join('')} */\n`
}

const wrap = (text: string, width: number): readonly string[] => {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line.length + word.length >= width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}

const literal = (value: string | number): string =>
  typeof value === 'string' ? `'${value}'` : String(value)
