import type { Source } from './sources.ts'

/**
 * Files that import each other in a circle, type-only imports included, and files between two
 * circles; empty when there is no circle.
 */
export function circles(all: readonly Source[]): readonly string[] {
  const left = new Map(all.map(({ path, imports }) => [path, new Set(imports)]))
  // A file that imports nothing left, or that nothing left imports, is part of no circle.
  for (let found = loose(left); found.length > 0; found = loose(left)) {
    for (const path of found) left.delete(path)
  }
  return [...left.keys()].toSorted()
}

type Imports = ReadonlyMap<string, ReadonlySet<string>>

function loose(files: Imports): readonly string[] {
  const imported = new Set([...files.values()].flatMap((targets) => [...targets]))
  return [...files]
    .filter(
      ([path, targets]) => !imported.has(path) || targets.isDisjointFrom(new Set(files.keys())),
    )
    .map(([path]) => path)
}
