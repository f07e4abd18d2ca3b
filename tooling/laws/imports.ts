import { posix } from 'node:path'

/**
 * What a module imports: relative imports as paths from the root of the repository, all else as it
 * is written. A reading by pattern, not by grammar: good enough for code that a formatter wrote.
 */
export function importsOf({ path, text }: { path: string; text: string }): readonly string[] {
  const found = [...withoutComments(text).matchAll(anyImport)].map(
    ([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '',
  )
  return found.map((specifier) =>
    specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier,
  )
}

const anyImport =
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

/** Examples in docstrings import things too. */
function withoutComments(text: string): string {
  return text.replace(/^\s*(?:\/\*[\s\S]*?\*\/|\/\/.*$)/gm, '')
}
