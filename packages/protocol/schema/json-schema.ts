/** The part of JSON Schema that the protocol's schemas are written in. */
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
  /** Not JSON Schema: the name of the hand-written type that stands for this one. */
  readonly tsType?: string
}

export type Schemas = Readonly<Record<string, JsonSchema>>

/** TypeBox's schemas as the plain JSON that they stand for. */
export const plain = (schemas: object): Schemas => JSON.parse(JSON.stringify(schemas))

/** The `type` that a message's schema demands. */
export const typeOf = (schema: JsonSchema): string => String(schema.properties?.type?.const)
