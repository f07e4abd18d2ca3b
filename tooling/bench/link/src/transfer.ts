import type { Received } from '../page/receive.ts'
import type { Sending } from '../page/send.ts'
import type { Pair } from './pair.ts'

/** Sends messages from one page to the other, timed from the first `send` to the last arrival. */
export const transfer = async (
  { sender, receiver }: Pair,
  sending: Sending,
): Promise<Received & { readonly tookMs: number }> => {
  await receiver.evaluate((expected) => window.bench.expect(expected), sending)
  const [startedAt, received] = await Promise.all([
    sender.evaluate((what) => window.bench.sendAll(what), sending),
    receiver.evaluate(() => window.bench.received()),
  ])
  await expectNoMore(receiver, sending.count)
  return { ...received, tookMs: received.lastAt - startedAt }
}

/** A duplicate message would be one too many. */
export const expectNoMore = async (receiver: Pair['receiver'], expected: number): Promise<void> => {
  const count = await receiver.evaluate(() => window.bench.receivedCount())
  if (count !== expected) throw new Error(`${count} messages arrived instead of ${expected}`)
}

export const mib = 1024 * 1024
