/** Finds the connections of a room without a look at any other. */
export class RoomIndex<Connection> {
  readonly #byRoom = new Map<string, Set<Connection>>()

  /** The connection moves from one room to another; `null`: it is in none. */
  move(connection: Connection, from: string | null, to: string | null): void {
    if (from !== null) this.#remove(connection, from)
    if (to === null) return
    const there = this.#byRoom.get(to)
    if (there === undefined) this.#byRoom.set(to, new Set([connection]))
    else there.add(connection)
  }

  in(room: string): Iterable<Connection> {
    return this.#byRoom.get(room) ?? []
  }

  /** The number of rooms with connections. */
  get size(): number {
    return this.#byRoom.size
  }

  #remove(connection: Connection, room: string): void {
    const there = this.#byRoom.get(room)
    there?.delete(connection)
    if (there?.size === 0) this.#byRoom.delete(room)
  }
}
