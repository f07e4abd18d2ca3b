import { seededRandom } from '@skein/protocol/testing'
import { expect, test } from 'vitest'
import { type Member, startTestServer, type TestServer } from '../testing/servers.ts'
import type { TestClient } from '../testing/test-client.ts'

const isLong = process.env.SKEIN_LONG === '1'
const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 2 ** 31)
const runs = isLong ? 500 : 10
const steps = 30
const memberCount = 3

/** A member, and what reached its page. */
interface Page {
  readonly id: string
  client: TestClient
  /** The latest token that arrived. */
  resume: string
  /** Nothing that the server sends arrives any more, which the server does not notice. */
  isDeaf: boolean
}

interface World {
  readonly server: TestServer
  readonly pages: readonly Page[]
  readonly random: () => number
}

const pick = ({ pages, random }: World): Page => {
  const page = pages[Math.floor(random() * pages.length)]
  if (page === undefined) throw new Error('There is no page.')
  return page
}

/** Waits for what the server has sent so far; a page that is not deaf keeps the latest token. */
const listen = async (page: Page): Promise<void> => {
  await page.client.settle()
  const latest = page.client.received('resume').at(-1)
  if (!page.isDeaf && latest !== undefined) page.resume = latest.resume
}

/** Resumes with the latest token that arrived, in the term that is returned. The welcome may be lost. */
const reconnect = async ({ server, random }: World, page: Page): Promise<number> => {
  if (!page.isDeaf) await listen(page)
  if (random() < 0.5) page.client.drop()
  page.client = await server.connect()
  const welcome = await page.client.join('r', { resume: page.resume })
  expect(welcome).toMatchObject({ resumed: true, self: { id: page.id } })
  page.isDeaf = random() < 0.6
  if (!page.isDeaf) page.resume = welcome.resume
  return welcome.term
}

/** The host hands over the role, and every member gets a new token. */
const changeHost = async (world: World): Promise<void> => {
  const { pages } = world
  const [to, witness] = [pick(world), pages[0]]
  await witness?.client.settle()
  const host = pages.find(({ id }) => id === hostSeenBy(witness?.client))
  if (host === undefined || to === host) return
  host.client.send({ type: 'transfer-host', to: to.id })
  await host.client.settle()
  for (const page of pages) await listen(page)
}

const hostSeenBy = (client: TestClient | undefined): string | null | undefined => {
  const change = client?.received('host').at(-1)
  return change === undefined ? client?.received('welcome').at(-1)?.host : change.host
}

/** Returns how often the host changed. */
const run = async (random: () => number): Promise<number> => {
  // Time stands still: no grace period ends.
  const server = await startTestServer({ now: () => 1_700_000_000_000 })
  const members: Member[] = []
  for (let n = 0; n < memberCount; n += 1) members.push(await server.member('r'))
  const pages = members.map((member) => ({ ...member, isDeaf: false }))
  const world = { server, pages, random }
  for (let step = 0; step < steps; step += 1) {
    if (random() < 0.5) await changeHost(world)
    else await reconnect(world, pick(world))
  }
  const terms: number[] = []
  for (const page of pages) terms.push(await reconnect(world, page))
  await server.kill()
  return Math.max(...terms) - 1
}

test('a member that held a token is never turned away within its grace period, whatever welcomes and changes of host did not reach it', {
  timeout: isLong ? 3_600_000 : 60_000,
}, async () => {
  console.info(`undelivered: seed ${seed} (repeat with SKEIN_SEED=${seed})`)
  const random = seededRandom(seed)
  let hostChanges = 0
  for (let n = 0; n < runs; n += 1) hostChanges += await run(random)
  console.info(`undelivered: ${hostChanges} host changes in ${runs} runs`)
  expect(hostChanges).toBeGreaterThan(runs)
})
