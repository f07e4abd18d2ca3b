import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What `ensure.ts` installs from npm: a package of its own, outside the workspace. */
export const recipe: string = fileURLToPath(new URL('chromium/', import.meta.url))

const manifest: { dependencies: Record<string, string> } = JSON.parse(
  readFileSync(join(recipe, 'package.json'), 'utf8'),
)
const version = manifest.dependencies['@sparticuz/chromium'] ?? 'unknown'

/** Where npm's Chromium lies once it is unpacked (Linux on x64 only). */
export const unpacked: string = fileURLToPath(
  new URL(`../../node_modules/.cache/skein-chromium-${version}`, import.meta.url),
)

/** npm's build brings its libraries and fonts along: it has to be told where they are. */
export const unpackedEnv: Readonly<Record<string, string>> = {
  FONTCONFIG_PATH: join(unpacked, 'fonts'),
  LD_LIBRARY_PATH: join(unpacked, 'al2023', 'lib'),
}
