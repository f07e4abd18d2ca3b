import { expect, test } from 'vitest'
import { rewriteCandidate, rewriteDescription } from './detour.ts'

const asked: string[] = []
const through = async (end: string): Promise<number> => {
  asked.push(end)
  return end.includes(':') ? 0 : 5_000
}

const udp = (address: string, port: number) =>
  `candidate:1 1 udp 2122260223 ${address} ${port} typ host generation 0`

test('a candidate gets its proxy port and keeps the rest', async () => {
  expect(await rewriteCandidate(udp('192.0.2.1', 4_000), through)).toBe(udp('192.0.2.1', 5_000))
  expect(asked).toEqual(['192.0.2.1 4000'])
})

test('a candidate without a proxy port is omitted', async () => {
  expect(await rewriteCandidate(udp('2001:db8::1', 4_000), through)).toBeNull()
  expect(await rewriteCandidate(udp('192.0.2.1', 9).replace('udp', 'tcp'), through)).toBeNull()
})

test('in a description only the candidates change', async () => {
  const lines = (...candidates: readonly string[]) =>
    ['v=0', 'a=mid:0', ...candidates.map((one) => `a=${one}`), ''].join('\r\n')
  const { type, sdp } = await rewriteDescription(
    { type: 'offer', sdp: lines(udp('192.0.2.1', 1), udp('2001:db8::1', 2)) },
    through,
  )
  expect([type, sdp]).toEqual(['offer', lines(udp('192.0.2.1', 5_000))])
})
