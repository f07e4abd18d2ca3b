import type { Millis, PeerId } from '@skein/protocol'
import { pick, type Random } from '@skein/protocol/testing'
import type { ClientLog } from '../history/log.ts'
import type { View } from '../history/view.ts'
import { type Address, addressOf, type Balancer } from '../servers/balancer.ts'
import type { SignalNode } from '../servers/signal-node.ts'
import { Client, type ClientOptions } from './client.ts'

export interface ClientGroupOptions {
  readonly balancer: Balancer
  readonly random: Random
}

export interface NewClient {
  readonly room: string
  /** The node of its first connection; the balancer chooses the later ones. */
  readonly node: SignalNode
  readonly detectsSilence?: boolean
}

/** The clients of one test bed. */
export class ClientGroup {
  readonly clients: Client[] = []
  readonly #options: ClientGroupOptions
  #signalTimer: NodeJS.Timeout | undefined

  constructor(options: ClientGroupOptions) {
    this.#options = options
  }

  add({ room, node, detectsSilence = true }: NewClient): Client {
    const { balancer, random } = this.#options
    const name = `${room}-${this.clients.length}`
    const chooseNode = startingWith(node, () => balancer.choose())
    const client = new Client({ name, room, chooseNode, random, now, detectsSilence })
    this.clients.push(client)
    return client
  }

  get logs(): readonly ClientLog[] {
    return this.clients.map((client) => client.journal.log)
  }

  /** From now on each client sends a signal to another member about every `everyMs`. */
  startSignaling(everyMs: Millis = 250): void {
    this.stopSignaling()
    const { random } = this.#options
    this.#signalTimer = setInterval(() => {
      for (const client of this.clients) {
        if (random() < signalTickMs / everyMs) signalRandomPeer(client, random)
      }
    }, signalTickMs)
  }

  stopSignaling(): void {
    clearInterval(this.#signalTimer)
  }

  /**
   * Clients that are not in their room, do not see all members online, or do not agree with the
   * others: after a failover of the store a room may go on with the same revision in another term.
   */
  findUnsettled(): readonly string[] {
    const rooms = Map.groupBy(
      this.clients.filter(({ hasLeft }) => !hasLeft),
      ({ room }) => room,
    )
    return [...rooms.values()].flatMap((inRoom) => {
      const isAgreed = new Set(inRoom.map(({ view }) => positionOf(view))).size === 1
      return inRoom
        .filter(({ view }) => !(isAgreed && seesOnline(view, inRoom.length)))
        .map(({ name, view }) => `${name}: ${describe(view)}, of ${inRoom.length}`)
    })
  }

  /** The id of each client, and its host and host term; `away` when it is not in its room. */
  memberships(): readonly string[] {
    return this.clients.map(({ name, view }) => {
      if (view === null) return `${name}: away`
      return `${name}: ${view.self} under ${view.host} (${view.epoch}, ${view.term})`
    })
  }

  close(): void {
    this.stopSignaling()
    for (const client of this.clients) client.close()
  }
}

/** The clock of all logs. */
export function now(): Millis {
  return performance.now()
}

const signalTickMs = 25

function startingWith(
  node: SignalNode,
  chooseNext: ClientOptions['chooseNode'],
): ClientOptions['chooseNode'] {
  let first: Address | null = addressOf(node)
  return () => {
    const address = first ?? chooseNext()
    first = null
    return address
  }
}

function signalRandomPeer(client: Client, random: Random): void {
  const others = othersOf(client.view)
  if (others.length > 0) client.signal(pick(random, others))
}

function othersOf(view: View | null): readonly PeerId[] {
  return [...(view?.members.keys() ?? [])].filter((id) => id !== view?.self)
}

/** Which state of the room a client has. */
function positionOf(view: View | null): string {
  return view === null ? 'away' : `${view.epoch}, ${view.term}, ${view.revision}`
}

function seesOnline(view: View | null, size: number): boolean {
  return view?.members.size === size && onlineIn(view) === size
}

function describe(view: View | null): string {
  return view === null ? 'away' : `sees ${onlineIn(view)} online at ${positionOf(view)}`
}

function onlineIn({ members }: View): number {
  return [...members.values()].filter(({ online }) => online).length
}
