import { posix } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'

/**
 * What a module imports: relative imports as paths from the root of the repository, everything else
 * as written. Type-only imports and `import('…')` types count: whoever reads the file has to follow
 * them too.
 */
export function importsOf({ path, text }: { path: string; text: string }): readonly string[] {
  const scripts = path.endsWith('.svelte') ? scriptsOf(text) : [text]
  return scripts.flatMap(specifiersOf).map((specifier) => {
    const isRelative = specifier.startsWith('.')
    return isRelative ? posix.join(posix.dirname(path), specifier) : specifier
  })
}

/** The scripts of a Svelte component, which are TypeScript. */
function scriptsOf(component: string): readonly string[] {
  return [...component.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => script,
  )
}

function specifiersOf(text: string): readonly string[] {
  const { errors, module, program } = parseSync('module.ts', text)
  if (errors.length > 0) throw new Error(`This does not parse: ${errors[0]?.message}`)
  const found = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.slice(0, 1).flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
  ]
  new Visitor({
    ImportExpression: ({ source }) => {
      if (source.type === 'Literal' && typeof source.value === 'string') found.push(source.value)
    },
    TSImportType: ({ source }) => {
      found.push(source.value)
    },
  }).visit(program)
  return found
}
