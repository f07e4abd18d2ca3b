import { clientMessages } from './client.ts'
import { toJsonSchemas } from './json-schema.ts'
import { parts as partSchemas } from './parts.ts'
import { printChecks } from './print-checks.ts'
import { printJsonSchema } from './print-json-schema.ts'
import { printTypes, printUnion } from './print-types.ts'
import { serverMessages } from './server.ts'

const header = '// Generated from schema/ by `pnpm generate`: edit it there.'

const parts = toJsonSchemas(partSchemas)
const client = toJsonSchemas(clientMessages)
const server = toJsonSchemas(serverMessages)

/** The generated files of the package by path, unformatted. */
export const generate = (): Readonly<Record<string, string>> => ({
  'src/generated/client-checks.ts': `${header}\n\n${printChecks({ parts, messages: client, withFieldChecks: true })}`,
  'src/generated/server-checks.ts': `${header}\n\n${printChecks({ parts, messages: server, withFieldChecks: false })}`,
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
      description: 'Any message of a client.',
      members: Object.keys(client),
    }),
    printTypes(server),
    printUnion({
      name: 'RoomMessage',
      description: 'Messages with a revision: every member gets all of them, without gaps.',
      members: Object.keys(server).filter((name) => isRoomMessage(name)),
    }),
    printUnion({
      name: 'ServerMessage',
      description: 'Any message of a server.',
      members: Object.keys(server),
    }),
  ].join('\n\n')

const isRoomMessage = (name: string): boolean =>
  name !== 'WelcomeMessage' && server[name]?.required?.includes('revision') === true
