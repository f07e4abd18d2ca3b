import { randomBelow, seededRandom } from '@skein/protocol/testing'
import { expect, test } from './lab-test.ts'
import type { Large } from './page/large.ts'
import type { ByteBreaks, Sending } from './page/large-transfer.ts'
import { isLong, seedOf } from './seeds.ts'
import { range, type Tab } from './tab.ts'

const mebibyte = 2 ** 20
/** A busy machine transfers a few mebibytes a second. */
const timeoutMs = (size: number) => 60_000 + (size / mebibyte) * 500

interface Transfer extends Sending {
  readonly tabs: readonly Tab[]
  readonly breaks: ByteBreaks
}

/** Sends a large message from the first tab to the second, and small ones meanwhile. */
const transfer = async ({ tabs, breaks, ...sending }: Transfer) => {
  const [ann, ben] = tabs
  if (!ann || !ben) throw new Error('expected two tabs')
  await ben.page.evaluate((all) => window.lab.receiveLarge(all), breaks)
  const sent = await ann.page.evaluate((all) => window.lab.sendLarge(all), sending)
  const arrived = await ben.page.evaluate(() => window.lab.largeArrived())
  expect(sent[1]).toBe(`${sending.what.size}`)
  expect(arrived?.large).toEqual(sent)
  expect(arrived?.small).toEqual(range(0, sending.small))
  return { broken: arrived?.broken, smallBefore: arrived?.smallBefore }
}

const messages: readonly Large[] = [
  { kind: 'bytes', size: 0 },
  { kind: 'bytes', size: 1 },
  { kind: 'text', size: 0 },
  { kind: 'text', size: 1 },
  { kind: 'blob', size: 0 },
  { kind: 'text', size: 64 * mebibyte },
  { kind: 'bytes', size: 256 * mebibyte },
  ...(isLong ? [{ kind: 'blob', size: 1024 * mebibyte } as const] : []),
]

for (const what of messages) {
  test(`a message of ${what.size} bytes (${what.kind}) arrives complete`, async ({ mesh }) => {
    test.setTimeout(timeoutMs(what.size))
    const tabs = await mesh(2, { maxMessageBytes: Math.max(1_000, what.size) })
    await transfer({ tabs, what, small: 0, breaks: [] })
  })
}

test('small messages are not held up by 64 MiB on another channel', async ({ mesh }) => {
  const what = { kind: 'bytes', size: 64 * mebibyte } as const
  // Each small message is handled before the next one is sent.
  const { smallBefore } = await transfer({ tabs: await mesh(2), what, small: 20, breaks: [] })
  expect(smallBefore).toBe(20)
})

test('64 MiB arrive complete over a link that breaks three times', async ({ mesh }) => {
  test.setTimeout(180_000)
  const random = seededRandom(seedOf('large message over a broken link'))
  const what = { kind: 'blob', size: 64 * mebibyte } as const
  const [first = 0, second = 0, third = 0] = range(0, 3).map(() =>
    randomBelow(random, 60 * mebibyte),
  )
  const breaks = [
    { afterBytes: first, kind: 'close' },
    { afterBytes: second, kind: 'restart' },
    // While the data after the first break is being retransmitted.
    { afterBytes: first + third, kind: 'close' },
  ] as const
  const { broken } = await transfer({ tabs: await mesh(2), what, small: 100, breaks })
  expect(broken).toBe(3)
})
