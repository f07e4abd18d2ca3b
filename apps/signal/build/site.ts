// `prepack`: copies the built demo site into the package, because the published command serves it.
import { cpSync, existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const from = fileURLToPath(new URL('../../web/dist', import.meta.url))
const to = fileURLToPath(new URL('../dist/site', import.meta.url))
const requiredFiles = [
  `${from}/index.html`,
  fileURLToPath(new URL('../dist/main.js', import.meta.url)),
]

if (requiredFiles.every((file) => existsSync(file))) {
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true })
} else {
  console.error('The build output is missing: run `npx -y pnpm@12 build` first.')
  process.exitCode = 1
}
