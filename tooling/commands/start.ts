// `pnpm start`: builds the site, then serves it and `/ws` from one process on one port.
import { portProblem } from './port.ts'
import { run, stateDirectory } from './run.ts'
import { turbo } from './turbo.ts'

const build = { ...turbo(['build', '--filter=@skein/web']), isQuiet: true }
const serve = {
  file: process.execPath,
  args: ['--conditions=@skein/source', 'apps/signal/src/main.ts', '--site', 'apps/web/dist'],
  env: stateDirectory,
}

process.exitCode = await start()

async function start(): Promise<number> {
  // Checked first, because the build takes half a minute.
  const problem = await portProblem({ setting: 'PORT', fallback: 8787 })
  if (problem !== null) {
    console.error(problem)
    return 1
  }
  console.log('Building the site…')
  const code = await run(build)
  if (code !== 0) return code
  console.log(`Skein runs at http://localhost:${process.env.PORT || 8787}`)
  return run(serve)
}
