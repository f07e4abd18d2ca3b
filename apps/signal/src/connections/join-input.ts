import { randomBytes } from 'node:crypto'
import { type ConnectionId, type JoinMessage, type PeerId, peerId } from '@skein/protocol'
import { bounded, type Grant } from '../auth/grant.ts'
import type { Queued } from '../rooms/local-room.ts'
import type { Shell } from './connection-context.ts'

/** An input for the core, and the id that the member will have. */
export interface Joining extends Queued {
  readonly id: PeerId
}

/** A join as the core wants it. `null`: its resume token is none of ours, or of another room. */
export const joinInput = (
  message: JoinMessage,
  {
    connection,
    shell,
    grant,
  }: { readonly connection: ConnectionId; readonly shell: Shell; readonly grant: Grant },
): Joining | null => {
  const { room, presence, canHost, priority, resume } = message
  const self = bounded({ presence, canHost, priority }, grant)
  const common = { connection, self, identity: grant.identity }
  if (resume === null) {
    const id = newPeerId()
    return { id, input: { type: 'join', id, ...common }, mayOpen: true }
  }
  const verified = shell.tokens.verify(resume, shell.now())
  if (verified === null || verified.claims.room !== room) return null
  const mayOpen = shell.mayRebuild(verified.boot)
  const { claims } = verified
  return { id: claims.id, input: { type: 'resume', claims, ...common }, mayOpen }
}

/** 128 random bits. */
const newPeerId = (): PeerId => peerId(randomBytes(16).toString('base64url'))
