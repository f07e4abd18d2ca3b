import type { Account } from '../history/account.ts'

/** An account as one line for whoever reads the output of the tests. */
export function figuresOf(account: Account): string {
  const { signals, hosts, left, withdrawn, overtaken, gaps, rejected, closes } = account
  const ends = Object.entries(closes).map(([code, count]) => `${count}× ${code}`)
  return [
    `${signals.sent} signals, ${signals.delivered} delivered, ${signals.told} told undeliverable`,
    `${signals.lostWithSender} lost with their sender's connection`,
    `${signals.lostWithReceiver} with their receiver's, ${signals.unexplained.length} unexplained, ${overtaken} overtaken`,
    `${hosts.length} host, ${left.length} peer-left, ${withdrawn} of joins taken back, ${gaps} gaps healed, ${rejected} rejected`,
    `connections ended ${ends.join(', ') || 'none'}`,
  ].join('; ')
}
