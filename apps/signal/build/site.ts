// `prepack`: the published command serves the demo site, so a copy of what was built goes with it.
import { cpSync, existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const from = fileURLToPath(new URL('../../web/dist', import.meta.url))
const to = fileURLToPath(new URL('../dist/site', import.meta.url))
const built = [`${from}/index.html`, fileURLToPath(new URL('../dist/main.js', import.meta.url))]

if (built.every((file) => existsSync(file))) {
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true })
} else {
  console.error('There is nothing to pack yet: run `npx -y pnpm@12 build` first.')
  process.exitCode = 1
}
