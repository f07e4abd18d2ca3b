import { randomUUID } from 'node:crypto'
import type { LongTasks } from '../../page/long-tasks.ts'
import type { WholeMessage } from '../../page/whole-message.ts'
import type { WholeSize } from '../../page/whole-payload.ts'
import { openPage, type Stage } from '../pair.ts'
import { rendererOf } from '../renderer-process.ts'
import type { Place, Scenario } from '../scenario.ts'
import { mib } from '../transfer.ts'

interface Single extends WholeSize {
  readonly name: string
  readonly about: string
}

/** One message in one `send`, compared by digest. Only the SDK accepts all of these. */
const singleOf = ({ name, about, ...size }: Single): Scenario => ({
  name,
  about: `${about} in one send`,
  contestants: ['skein'],
  figures: {
    tookMs: { label: 'received after ms', digits: 1 },
    senderTaskMs: { label: 'sender: longest task ms', digits: 0 },
    senderOwnMs: { label: 'without platform calls', digits: 0 },
    receiverTaskMs: { label: 'receiver: longest task ms', digits: 0 },
    receiverOwnMs: { label: 'without platform calls', digits: 0 },
    senderMib: { label: 'sender MiB', digits: 0 },
    receiverMib: { label: 'receiver MiB', digits: 0 },
  },
  maxRounds: 1,
  timeoutMs: 300_000,
  open: (stage) => place(stage, size),
})

const place = async (stage: Stage, size: WholeSize): Promise<Place> => {
  const [sender, receiver] = await Promise.all([
    openPage({ ...stage, contestant: 'skein' }),
    openPage({ ...stage, contestant: 'skein' }),
  ])
  await Promise.all([sender, receiver].map((page) => page.evaluate(() => window.bench.loadWhole())))
  const processes = [
    await rendererOf(stage.browser, sender),
    await rendererOf(stage.browser, receiver),
  ]
  let note: string | null = null
  const run = async () => {
    const setup = { url: stage.servers.skein, name: `bench-${randomUUID()}` }
    const both = [sender, receiver]
    await Promise.all(both.map((page) => page.evaluate((m) => window.whole.join(m), setup)))
    await sender.evaluate((what) => window.whole.prepare(what), size)
    const before = await Promise.all(processes.map(({ startPeak }) => startPeak()))
    const arriving = receiver.evaluate(() => window.whole.receive())
    const sent = await sender.evaluate(() => window.whole.send())
    const received = await arriving
    const [senderMib = 0, receiverMib = 0] = processes.map(
      ({ peak }, index) => (peak() - (before[index] ?? 0)) / mib,
    )
    const digests = await Promise.all(
      both.map((page) => page.evaluate(() => window.whole.digest())),
    )
    await Promise.all(both.map((page) => page.evaluate(() => window.whole.leave())))
    if (digests[0] !== digests[1])
      throw new Error('the message that arrived differs from the one that was sent')
    note = `sender: ${describe(sent.tasks)}; receiver: ${describe(received.tasks)}`
    return {
      tookMs: received.at - sent.at,
      senderTaskMs: sent.tasks.longestMs,
      senderOwnMs: sent.tasks.longestOwnMs,
      receiverTaskMs: received.tasks.longestMs,
      receiverOwnMs: received.tasks.longestOwnMs,
      senderMib,
      receiverMib,
    }
  }
  const close = async (): Promise<void> => {
    for (const page of [sender, receiver]) await page.context().close()
  }
  return { run, note: () => note, close }
}

const describe = ({ longestMs, calls }: LongTasks): string => {
  if (longestMs === 0) return 'no task above 50 ms'
  const named = Object.entries(calls).sort(([, a], [, b]) => b - a)
  const listed = named.slice(0, 4).map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`)
  return `${longestMs.toFixed(0)} ms, of which ${listed.join(', ') || 'no platform call'}`
}

export const single: readonly Scenario[] = [
  singleOf({ name: 'single-0', about: 'a message of 0 bytes', kind: 'bytes', bytes: 0 }),
  singleOf({ name: 'single-1', about: 'a message of 1 byte', kind: 'bytes', bytes: 1 }),
  singleOf({ name: 'single-256m', about: '256 MiB of bytes', kind: 'bytes', bytes: 256 * mib }),
  singleOf({ name: 'single-text', about: '64 MiB of text', kind: 'text', bytes: 64 * mib }),
  singleOf({ name: 'single-blob', about: 'a Blob of 1 GiB', kind: 'blob', bytes: 1024 * mib }),
]

declare global {
  interface Window {
    whole: WholeMessage
  }
}
