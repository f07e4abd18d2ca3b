import { clientMessages } from './client.ts'
import { plain } from './json-schema.ts'
import { parts } from './parts.ts'
import { printChecks } from './print-checks.ts'
import { serverMessages } from './server.ts'

const header = '// Generated from schema/ by `pnpm generate`: change it there.'

/** Every generated file of the package, unformatted, by its path. */
export const generate = (): Readonly<Record<string, string>> => {
  const input = { parts: plain(parts) }
  const client = { ...input, messages: plain(clientMessages), withFields: true }
  const server = { ...input, messages: plain(serverMessages), withFields: false }
  return {
    'src/generated/client-checks.ts': `${header}\n\n${printChecks(client)}`,
    'src/generated/server-checks.ts': `${header}\n\n${printChecks(server)}`,
  }
}
