import type { ConnectionId } from '@skein/protocol'
import type { RoomEffect } from '@skein/protocol/room'
import type { Attachment } from '../../rooms/resync.ts'

/** A socket whose page is gone, which its node has not noticed yet. */
interface OpenSocket {
  readonly attachment: Attachment
  /** The index of its node. */
  readonly node: number
}

/** The sockets of pages that went without closing them. */
export class OpenSockets {
  readonly #end: (socket: OpenSocket) => void
  readonly #sockets = new Map<ConnectionId, OpenSocket>()

  /** `end` is called when the node of a socket notices that it has closed. */
  constructor(end: (socket: OpenSocket) => void) {
    this.#end = end
  }

  get attachments(): readonly Attachment[] {
    return [...this.#sockets.values()].map(({ attachment }) => attachment)
  }

  add(socket: OpenSocket): void {
    this.#sockets.set(socket.attachment.connection, socket)
  }

  endAll(): void {
    for (const connection of [...this.#sockets.keys()]) this.#remove(connection)
  }

  /** A node died, and all its sockets with it. */
  nodeKilled(node: number): void {
    for (const [connection, socket] of this.#sockets) {
      if (socket.node === node) this.#sockets.delete(connection)
    }
  }

  /** Nobody reads it, but the node takes the connection for that of a member, or closes it. */
  receive({ type }: RoomEffect, to: ConnectionId): void {
    const socket = this.#sockets.get(to)
    if (socket === undefined) return
    if (type === 'close') this.#remove(to)
    if (type === 'refuse') this.#sockets.delete(to)
    if (type !== 'welcome') return
    this.#sockets.set(to, { ...socket, attachment: { ...socket.attachment, isMember: true } })
  }

  #remove(connection: ConnectionId): void {
    const socket = this.#sockets.get(connection)
    this.#sockets.delete(connection)
    if (socket !== undefined) this.#end(socket)
  }
}
