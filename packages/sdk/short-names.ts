import type { Rolldown } from 'tsdown'
import { internalNames } from './internal-names.ts'

/** All but `v`, which is a field of the wire protocol. */
const letters = 'abcdefghijklmnopqrstuwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** One letter, or a letter and digits: nothing that an application or a platform knows. */
const shortName = (index: number): string => {
  const round = Math.floor(index / letters.length)
  return `${letters[index % letters.length]}${round === 0 ? '' : round}`
}

const shortNames: ReadonlyMap<string, string> = new Map(
  internalNames.map((name, index) => [name, shortName(index)]),
)

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly name?: string
  readonly computed?: boolean
  readonly shorthand?: boolean
  readonly key?: Node
  readonly property?: Node
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value

/** The node and everything in it. */
const walk = (node: Node, visit: (node: Node) => void): void => {
  visit(node)
  for (const child of Object.values(node).flat()) if (isNode(child)) walk(child, visit)
}

/**
 * Shortens the names of properties in `internalNames`: minifiers cannot know that they are private.
 * Rolldown's own `mangleProps` supports only builds of a single chunk.
 */
export const shortenNames: Rolldown.Plugin = {
  name: 'shorten-names',
  renderChunk(code, { fileName }, ...[, { magicString }]) {
    // Declarations are chunks too.
    if (!magicString || !fileName.endsWith('.js')) return null
    const program = this.parse(code)
    walk(program, ({ computed, shorthand, key, property }) => {
      const identifier = computed ? undefined : (key ?? property)
      const short = shortNames.get(identifier?.name ?? '')
      if (identifier?.type !== 'Identifier' || short === undefined) return
      if (shorthand) magicString.appendLeft(identifier.start, `${short}: `)
      else magicString.update(identifier.start, identifier.end, short)
    })
    return { code: magicString }
  },
}
