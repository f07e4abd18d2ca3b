// `node tooling/commands/run-turbo.ts build …`: runs turbo with the options of this repository.
import { run } from './run.ts'
import { turbo } from './turbo.ts'

process.exitCode = await run(turbo(process.argv.slice(2)))
