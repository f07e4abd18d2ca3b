import type { Millis, PeerId } from '@skein/protocol'
import { pick, type Random } from '@skein/protocol/testing'
import type { ClientLog } from '../history/log.ts'
import type { View } from '../history/view.ts'
import { type Address, addressOf, type Balancer } from '../servers/balancer.ts'
import type { SignalNode } from '../servers/signal-node.ts'
import { Client, type ClientOptions } from './client.ts'

export interface CrowdOptions {
  readonly balancer: Balancer
  readonly random: Random
}

export interface NewClient {
  readonly room: string
  /** Where it connects first; the balancer chooses afterwards. */
  readonly node: SignalNode
  readonly isWatchful?: boolean
}

/** The clients of one stage. */
export class Crowd {
  readonly clients: Client[] = []
  readonly #options: CrowdOptions
  #talk: NodeJS.Timeout | undefined

  constructor(options: CrowdOptions) {
    this.#options = options
  }

  enter({ room, node, isWatchful = true }: NewClient): Client {
    const { balancer, random } = this.#options
    const name = `${room}-${this.clients.length}`
    const choose = firstOf(node, () => balancer.choose())
    const client = new Client({ name, room, choose, random, now, isWatchful })
    this.clients.push(client)
    return client
  }

  get logs(): readonly ClientLog[] {
    return this.clients.map((client) => client.journal.log)
  }

  /** From now on each of them sends a signal to some other every `everyMs` or so. */
  talk(everyMs: Millis = 250): void {
    this.hush()
    const { random } = this.#options
    this.#talk = setInterval(() => {
      for (const client of this.clients) {
        if (random() < turnMs / everyMs) sayTo(client, random)
      }
    }, turnMs)
  }

  hush(): void {
    clearInterval(this.#talk)
  }

  /** Who is not in its room, or does not see all of it online, or knows less than others do. */
  unrest(): readonly string[] {
    const rooms = Map.groupBy(
      this.clients.filter(({ hasLeft }) => !hasLeft),
      ({ room }) => room,
    )
    return [...rooms.values()].flatMap((inRoom) => {
      const newest = Math.max(...inRoom.map(({ view }) => view?.revision ?? 0))
      return inRoom
        .filter(({ view }) => !isComplete(view, { size: inRoom.length, newest }))
        .map(({ name, view }) => `${name}: ${describe(view)}, of ${inRoom.length} at ${newest}`)
    })
  }

  /** Who each of them is, and under whom; `away` for one that is not in its room. */
  standings(): readonly string[] {
    return this.clients.map(({ name, view }) => {
      if (view === null) return `${name}: away`
      return `${name}: ${view.self} under ${view.host} (${view.epoch}, ${view.term})`
    })
  }

  close(): void {
    this.hush()
    for (const client of this.clients) client.close()
  }
}

/** The clock of all logs. */
export function now(): Millis {
  return performance.now()
}

const turnMs = 25

function firstOf(node: SignalNode, then: ClientOptions['choose']): ClientOptions['choose'] {
  let first: Address | null = addressOf(node)
  return () => {
    const address = first ?? then()
    first = null
    return address
  }
}

function sayTo(client: Client, random: Random): void {
  const others = othersOf(client.view)
  if (others.length > 0) client.signal(pick(random, others))
}

function othersOf(view: View | null): readonly PeerId[] {
  return [...(view?.members.keys() ?? [])].filter((id) => id !== view?.self)
}

function isComplete(
  view: View | null,
  { size, newest }: { readonly size: number; readonly newest: number },
): boolean {
  return view?.revision === newest && view.members.size === size && onlineIn(view) === size
}

function describe(view: View | null): string {
  return view === null ? 'away' : `knows ${onlineIn(view)} online at ${view.revision}`
}

function onlineIn({ members }: View): number {
  return [...members.values()].filter(({ online }) => online).length
}
