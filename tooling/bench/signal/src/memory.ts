import { RawClient } from './raw-client.ts'
import { type ServerName, startProcess } from './server-process.ts'

/** Bytes of resident memory for each of `count` idle members, in a server that is fresh. */
export const bytesPerConnection = async (
  name: ServerName,
  { count, core }: { readonly count: number; readonly core: number | null },
): Promise<number> => {
  const server = await startProcess(name, core)
  try {
    // What is loaded and compiled for the first ones is no cost of the others.
    const first = await openMany(server.port, { from: 0, count: warmUp })
    const before = await server.memory()
    const others = await openMany(server.port, { from: warmUp, count })
    const after = await server.memory()
    for (const client of [...first, ...others]) client.close()
    return (after - before) / count
  } finally {
    server.stop()
  }
}

const warmUp = 200
const atOnce = 100
/** What the memory figures are for: small rooms, as most are. */
const roomSize = 4

const openMany = async (
  port: number,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<readonly RawClient[]> => {
  const clients: RawClient[] = []
  for (let at = from; at < from + count; at += atOnce) {
    const size = Math.min(atOnce, from + count - at)
    const batch = Array.from({ length: size }, async (_, n) => {
      const client = await RawClient.open(port)
      await client.join(`room ${Math.floor((at + n) / roomSize)}`)
      client.onText = () => {}
      return client
    })
    clients.push(...(await Promise.all(batch)))
  }
  return clients
}
