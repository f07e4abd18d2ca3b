import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The npm package, outside the workspace, whose one dependency is the Chromium to unpack. */
export const chromiumPackage: string = fileURLToPath(new URL('chromium/', import.meta.url))

const manifest: { dependencies: Record<string, string> } = JSON.parse(
  readFileSync(join(chromiumPackage, 'package.json'), 'utf8'),
)
const version = manifest.dependencies['@sparticuz/chromium'] ?? 'unknown'

/** The folder of the Chromium unpacked from npm (Linux on x64 only). */
export const unpacked: string = fileURLToPath(
  new URL(`../../node_modules/.cache/skein-chromium-${version}`, import.meta.url),
)

/** Where that Chromium finds the libraries and fonts that come with it. */
export const unpackedEnv: Readonly<Record<string, string>> = {
  FONTCONFIG_PATH: join(unpacked, 'fonts'),
  LD_LIBRARY_PATH: join(unpacked, 'al2023', 'lib'),
}
