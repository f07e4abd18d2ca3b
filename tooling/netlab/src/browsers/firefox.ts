import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { clientOf } from '../network/sides.ts'
import { type Browser, toCall } from './browser.ts'
import type { BrowserOptions } from './chromium.ts'
import type { Order, Reply } from './firefox-agent.ts'

const entry = fileURLToPath(new URL('firefox-agent.ts', import.meta.url))

type Task = Order extends infer One ? (One extends Order ? Omit<One, 'id'> : never) : never

/**
 * Its driver talks to the browser over TCP on the loopback interface, so the driver runs in the
 * namespace too, as a process that takes orders.
 */
export async function launchFirefox(options: BrowserOptions): Promise<Browser> {
  const { namespaces, side, origin } = options
  const args = [process.execPath, entry, namespaces.directory, new URL(origin).hostname]
  const agent = namespaces.spawn(clientOf(side), args, { ipc: true })
  const order = orders(agent)
  await order({ type: 'ping' })
  return {
    kind: 'firefox',
    openTab: async (url) => {
      const tab = Number(await order({ type: 'open', url }))
      return {
        call: toCall((code) => order({ type: 'evaluate', tab, code })),
        navigateAway: async () => {
          await order({ type: 'go', tab, url: new URL('elsewhere.html', url).href })
        },
        close: async () => {
          await order({ type: 'close', tab })
        },
        chromium: null,
      }
    },
    isRunning: () => agent.connected,
  }
}

function orders(agent: ChildProcess): (task: Task) => Promise<unknown> {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let count = 0
  agent.on('message', (reply: Reply) => {
    const promise = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('error' in reply) promise?.reject(new Error(reply.error))
    else promise?.resolve(reply.result)
  })
  agent.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the driver of Firefox ended'))
    waiting.clear()
  })
  return (task) => {
    const promise = Promise.withResolvers<unknown>()
    const id = ++count
    waiting.set(id, promise)
    agent.send({ ...task, id })
    return promise.promise
  }
}
