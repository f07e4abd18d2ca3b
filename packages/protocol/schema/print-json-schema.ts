import type { JsonSchema, Schemas } from './json-schema.ts'

/** Prints one JSON Schema, for clients and servers in other languages. */
export const printJsonSchema = (definitions: {
  readonly parts: Schemas
  readonly client: Schemas
  readonly server: Schemas
}): string => {
  const { parts, client, server } = definitions
  const all = { ...parts, ...client, ...server }
  const anyOf = (schemas: Schemas): JsonSchema => ({
    anyOf: Object.keys(schemas).map((name) => ({ $ref: name })),
  })
  return JSON.stringify(
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Skein wire protocol, version 1',
      description:
        'PROTOCOL.md has the rules that a schema cannot express (lengths in bytes, order).',
      $defs: { ...all, ClientMessage: anyOf(client), ServerMessage: anyOf(server) },
    },
    (key, value) => {
      if (key === 'tsType') return undefined
      return key === '$ref' ? `#/$defs/${value}` : value
    },
    2,
  )
}
