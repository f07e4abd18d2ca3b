import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('servers', import.meta.url))
/** Inside the package, so that its dependencies resolve from there. */
const target = fileURLToPath(new URL('../dist/servers', import.meta.url))

/**
 * Writes the servers without their types and returns the folder. Otherwise Node's type stripper
 * would count as memory of each server: 17 MB.
 */
export const stripServers = async (): Promise<string> => {
  await mkdir(target, { recursive: true })
  for (const name of await readdir(source)) {
    const code = await readFile(join(source, name), 'utf8')
    const plain = name.endsWith('.ts') ? stripTypeScriptTypes(code) : code
    await writeFile(join(target, name.replace(/\.ts$/, '.js')), plain.replaceAll(".ts'", ".js'"))
  }
  return target
}
