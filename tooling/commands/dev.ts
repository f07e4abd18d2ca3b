// `pnpm dev`: the signaling server and the site, both restarting or reloading as files change.
import { portTrouble } from './port.ts'
import { run } from './run.ts'
import { turbo } from './turbo.ts'

const trouble =
  (await portTrouble({ setting: 'PORT', usual: 8787 })) ??
  (await portTrouble({ setting: 'WEB_PORT', usual: 5173 }))

if (trouble === null) {
  const SIGNAL_URL = process.env.SIGNAL_URL ?? `http://localhost:${process.env.PORT || 8787}`
  const command = turbo(['dev'])
  process.exitCode = await run({ ...command, env: { ...command.env, SIGNAL_URL } })
} else {
  console.error(trouble)
  process.exitCode = 1
}
