import { clientMessages } from './client.ts'
import { plain } from './json-schema.ts'
import { parts as partSchemas } from './parts.ts'
import { printChecks } from './print-checks.ts'
import { printJsonSchema } from './print-json-schema.ts'
import { printTypes, printUnion } from './print-types.ts'
import { serverMessages } from './server.ts'

const header = '// Generated from schema/ by `pnpm generate`: change it there.'

const parts = plain(partSchemas)
const client = plain(clientMessages)
const server = plain(serverMessages)

/** Every generated file of the package, unformatted, by its path. */
export const generate = (): Readonly<Record<string, string>> => ({
  'src/generated/client-checks.ts': `${header}\n\n${printChecks({ parts, messages: client, withFields: true })}`,
  'src/generated/server-checks.ts': `${header}\n\n${printChecks({ parts, messages: server, withFields: false })}`,
  'src/messages.ts': printMessages(),
  'vectors/schema.json': printJsonSchema({ parts, client, server }),
})

const printMessages = (): string =>
  [
    header,
    "import type { ErrorCode } from './errors.ts'\nimport type { Epoch, Millis, PeerId, Term } from './ids.ts'",
    printTypes(parts),
    printTypes(client),
    printUnion({
      name: 'ClientMessage',
      description: 'Whatever a client may send.',
      members: Object.keys(client),
    }),
    printTypes(server),
    printUnion({
      name: 'RoomMessage',
      description: 'Messages that carry a revision: each member sees them all, without a gap.',
      members: Object.keys(server).filter((name) => isRoomMessage(name)),
    }),
    printUnion({
      name: 'ServerMessage',
      description: 'Whatever a server may send.',
      members: Object.keys(server),
    }),
  ].join('\n\n')

const isRoomMessage = (name: string): boolean =>
  name !== 'WelcomeMessage' && server[name]?.required?.includes('revision') === true
