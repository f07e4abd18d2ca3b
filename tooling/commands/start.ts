// `pnpm start`: builds the site, then one process on one port serves it together with `/ws`.
import { portTrouble } from './port.ts'
import { run } from './run.ts'
import { turbo } from './turbo.ts'

const build = turbo(['build', '--filter=@skein/web', '--output-logs=errors-only'])
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
  const built = await run(build)
  return built === 0 ? run(serve) : built
}
