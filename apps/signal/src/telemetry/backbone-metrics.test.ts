import { expect, test } from 'vitest'
import { needs } from '../testing/needs.ts'
import { startNodes } from '../testing/nodes.ts'
import type { TestServer } from '../testing/servers.ts'

const read = async (server: TestServer, series: string): Promise<number> => {
  const text = await (await fetch(`${server.httpUrl}/metrics`)).text()
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  if (line === undefined) throw new Error(`There is no ${series}.`)
  return Number(line.slice(series.length))
}

if (needs('redis-server')) {
  test('traffic between nodes is counted, and a host change once for all nodes', async () => {
    const { nodes } = await startNodes(2)
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    const c = await one.member('r')
    const [sent, received] = [
      await read(one, 'skein_bus_sent_total'),
      await read(two, 'skein_bus_received_total'),
    ]
    a.client.signal(b.id)
    await b.client.next('signal')
    expect(await read(one, 'skein_bus_sent_total')).toBeGreaterThan(sent)
    expect(await read(one, 'skein_bus_sent_bytes_total')).toBeGreaterThan(100)
    expect(await read(two, 'skein_bus_received_total')).toBeGreaterThan(received)
    await a.client.leave()
    await Promise.all([b.client.next('host'), c.client.next('host')])
    const left = 'skein_host_changes_total{reason="left"}'
    expect((await read(one, left)) + (await read(two, left))).toBe(1)
  })

  test('commits lost to another node are counted', async () => {
    const { nodes } = await startNodes(2)
    const [one, two] = nodes
    const raceCount = async (): Promise<number> => {
      await Promise.all([one.member('r'), two.member('r')])
      const races = 'skein_store_races_total'
      return (await read(one, races)) + (await read(two, races))
    }
    await expect.poll(raceCount, { timeout: 20_000 }).toBeGreaterThan(0)
  })
}
