import { setTimeout as sleep } from 'node:timers/promises'
import type { SignalNode } from './signal-node.ts'

/** The address of a node. */
export interface Address {
  readonly node: string
  readonly url: string
}

/**
 * Like a load balancer, sends clients to nodes whose `/readyz` was successful a moment ago. If no
 * node is ready, it sends them to any running node, because rejecting everyone gains nothing.
 */
export class Balancer {
  readonly #nodes: readonly SignalNode[]
  readonly #ready = new Set<SignalNode>()
  readonly #stop = new AbortController()
  readonly #watches: readonly Promise<void>[]
  #nextIndex = 0

  constructor(nodes: readonly SignalNode[]) {
    this.#nodes = nodes
    this.#watches = nodes.map((node) => this.#watch(node))
  }

  /** `null` when no node is running. */
  choose(): Address | null {
    const ready = this.#nodes.filter((node) => this.#ready.has(node) && node.port !== null)
    const running = this.#nodes.filter(({ port }) => port !== null)
    const candidates = ready.length > 0 ? ready : running
    this.#nextIndex += 1
    const node = candidates[this.#nextIndex % candidates.length]
    return node === undefined ? null : addressOf(node)
  }

  isReady(node: SignalNode): boolean {
    return this.#ready.has(node)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#watches)
  }

  async #watch(node: SignalNode): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (await isReady(node)) this.#ready.add(node)
      else this.#ready.delete(node)
      // Aborted: the loop ends.
      await sleep(pollMs, null, { signal: this.#stop.signal }).catch(() => null)
    }
  }
}

export function addressOf({ name, port }: SignalNode): Address {
  return { node: name, url: `ws://127.0.0.1:${port}/ws` }
}

const pollMs = 200
const timeoutMs = 1_000

async function isReady({ port }: SignalNode): Promise<boolean> {
  if (port === null) return false
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal })
    await response.body?.cancel()
    return response.ok
  } catch {
    // A node that does not respond is not ready.
    return false
  }
}
