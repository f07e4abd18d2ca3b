// `pnpm dev`: the signaling server and the site, both restarting or reloading as files change.
import { portFrom, portTrouble } from './port.ts'
import { run } from './run.ts'
import { turbo } from './turbo.ts'

const wanted = [
  { setting: 'PORT', port: portFrom('PORT', 8787) },
  { setting: 'WEB_PORT', port: portFrom('WEB_PORT', 5173) },
]

process.exitCode = (await firstTrouble()) ? 1 : await run(turbo(['dev']))

async function firstTrouble(): Promise<boolean> {
  for (const { setting, port } of wanted) {
    const trouble = port === null ? null : await portTrouble(port, setting)
    if (trouble === null) continue
    console.error(trouble)
    return true
  }
  return false
}
