// `pnpm start`: builds the site, then one process on one port serves it together with `/ws`.
import { portTrouble } from './port.ts'
import { run } from './run.ts'
import { turbo } from './turbo.ts'

const build = { ...turbo(['build', '--filter=@skein/web']), isQuiet: true }
const serve = {
  file: process.execPath,
  args: ['--conditions=@skein/source', 'apps/signal/src/main.ts', '--site', 'apps/web/dist'],
}

process.exitCode = await start()

async function start(): Promise<number> {
  // Asked before the build, and not after half a minute of it.
  const trouble = await portTrouble({ setting: 'PORT', usual: 8787 })
  if (trouble !== null) {
    console.error(trouble)
    return 1
  }
  console.log('Building the site…')
  const built = await run(build)
  if (built !== 0) return built
  console.log(`Skein is at http://localhost:${process.env.PORT || 8787}`)
  return run(serve)
}
