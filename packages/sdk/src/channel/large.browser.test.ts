import { afterEach, expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { enterTogether, leaveAll } from '../room/rooms.testing.ts'
import { seededRandom } from '../testing/seeds.ts'

afterEach(leaveAll)

/** For slow machines; the tests do not depend on real time. */
const timeout = 180_000
const mebibyte = 2 ** 20

type Large = string | Uint8Array<ArrayBuffer>

const sha256 = async (data: Large) => {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [typeof data, data.length, digest.join()]
}

/** Sends a large message, then small ones on another channel; returns the data and their order. */
const transfer = async (large: Large, small: readonly string[]) => {
  const [ann, ben] = (await enterTogether(2)) as [Room, Room]
  const order: string[] = []
  const arrived = new Promise<Large>((resolve) => {
    ben.channel<Large>('large').on('message', ({ data }) => {
      order.push('large')
      resolve(data)
    })
  })
  ben.channel<string>('small').on('message', ({ data }) => order.push(data))
  const sends = [ann.channel<Large>('large').send(large)]
  for (const data of small) sends.push(ann.channel('small').send(data))
  await Promise.all(sends)
  return { order, data: await arrived }
}

const bytesOf = (size: number) => {
  const random = seededRandom(size)
  const words = new Uint32Array(size / 4).map(() => random() * 2 ** 32)
  return new Uint8Array(words.buffer)
}

/** Text with characters of one to four bytes, so that fragments end inside characters. */
const textOf = (size: number) => {
  const lines: string[] = []
  const goose = 'grüße, 雁 🦢\n'.repeat(1_000)
  for (let at = 0, left = size; left > 0; at += 1) {
    const line = `${at} ${goose}`
    const bytes = new TextEncoder().encode(line).length
    lines.push(bytes <= left ? line : '.'.repeat(left))
    left -= Math.min(bytes, left)
  }
  return lines.join('')
}

for (const [what, make] of [
  ['bytes', bytesOf],
  ['text', textOf],
] as const) {
  test(`64 MiB of ${what} arrive complete, overtaken by 100 bytes on another channel`, {
    timeout,
  }, async () => {
    const large = make(64 * mebibyte)
    const small = 'x'.repeat(100)
    const { data, order } = await transfer(large, [small])
    expect(order).toEqual([small, 'large'])
    expect(await sha256(data)).toEqual(await sha256(large))
  })
}
