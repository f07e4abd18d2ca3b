/** The part of JSON Schema that the schemas of the protocol use. */
export interface JsonSchema {
  readonly type?: string
  readonly const?: string | number
  readonly enum?: readonly string[]
  readonly anyOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly $ref?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: unknown
  readonly description?: string
  /** Not part of JSON Schema: the hand-written type to use in TypeScript. */
  readonly tsType?: string
}

/** Schemas by name. */
export type Schemas = Readonly<Record<string, JsonSchema>>

/** Converts TypeBox schemas to plain JSON. */
export const toJsonSchemas = (schemas: object): Schemas => JSON.parse(JSON.stringify(schemas))

/** The message `type` that a schema requires. */
export const typeOf = (schema: JsonSchema): string => String(schema.properties?.type?.const)
