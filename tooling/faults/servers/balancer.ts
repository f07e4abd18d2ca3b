import { setTimeout as sleep } from 'node:timers/promises'
import type { SignalNode } from './signal-node.ts'

/** Where a client may connect. */
export interface Address {
  readonly node: string
  readonly url: string
}

/**
 * Sends clients where `/readyz` said yes a moment ago, as a load balancer does. When no node is
 * ready it sends them to any that runs: nothing is gained by turning everybody away.
 */
export class Balancer {
  readonly #nodes: readonly SignalNode[]
  readonly #ready = new Set<SignalNode>()
  readonly #stop = new AbortController()
  readonly #rounds: readonly Promise<void>[]
  #turn = 0

  constructor(nodes: readonly SignalNode[]) {
    this.#nodes = nodes
    this.#rounds = nodes.map((node) => this.#watch(node))
  }

  /** `null` when no node runs. */
  choose(): Address | null {
    const ready = this.#nodes.filter((node) => this.#ready.has(node) && node.port !== null)
    const running = this.#nodes.filter(({ port }) => port !== null)
    const open = ready.length > 0 ? ready : running
    this.#turn += 1
    const node = open[this.#turn % open.length]
    return node === undefined ? null : addressOf(node)
  }

  isReady(node: SignalNode): boolean {
    return this.#ready.has(node)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#rounds)
  }

  async #watch(node: SignalNode): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (await isReady(node)) this.#ready.add(node)
      else this.#ready.delete(node)
      // Aborted: the watch ends with this round.
      await sleep(roundMs, null, { signal: this.#stop.signal }).catch(() => null)
    }
  }
}

export function addressOf({ name, port }: SignalNode): Address {
  return { node: name, url: `ws://127.0.0.1:${port}/ws` }
}

const roundMs = 200
const answerMs = 1_000

async function isReady({ port }: SignalNode): Promise<boolean> {
  if (port === null) return false
  try {
    const signal = AbortSignal.timeout(answerMs)
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal })
    await answer.body?.cancel()
    return answer.ok
  } catch {
    // It is gone, or says nothing: it is not ready.
    return false
  }
}
