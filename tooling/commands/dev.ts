// `pnpm dev`: the signaling server and the site. The server restarts, and the site reloads, when
// files change.
import { portProblem } from './port.ts'
import { run, stateDirectory } from './run.ts'
import { turbo } from './turbo.ts'

const problem =
  (await portProblem({ setting: 'PORT', fallback: 8787 })) ??
  (await portProblem({ setting: 'WEB_PORT', fallback: 5173 }))

if (problem === null) {
  const SIGNAL_URL = process.env.SIGNAL_URL ?? `http://localhost:${process.env.PORT || 8787}`
  const command = turbo(['dev'])
  const env = { ...command.env, ...stateDirectory, SIGNAL_URL }
  process.exitCode = await run({ ...command, env })
} else {
  console.error(problem)
  process.exitCode = 1
}
