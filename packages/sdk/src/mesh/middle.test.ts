import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { seededRandom } from '../testing/seeds.ts'
import { isOpen, joinAll, linkBetween, talk } from './mesh-world.testing.ts'
import { forwardedIn, type Meddle, middleWorld, type Sent } from './middle.testing.ts'
import { dataFrame } from './relay-frame.ts'

type Three = [cat: Room, ann: Room, ben: Room]

/** A new one each time; `SKEIN_SEED=7` repeats a run. */
const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 1e9)

const isData = (sent: Sent) => forwardedIn(sent)?.kind === dataFrame

test('the member in the middle handles nothing that it can read', async () => {
  const handled: Sent[] = []
  const world = middleWorld((sent) => {
    handled.push(sent)
    return [sent.bytes]
  })
  const { clock, network, signaling, features } = world
  network.cut('ann', 'ben')
  const [, ann, ben] = (await joinAll(world, ['cat', 'ann', 'ben'])) as Three
  await clock.until(() => isOpen(ann, ben, 'via'))
  // Signals go through the member too.
  signaling.stop()
  await clock.advance(45_000)
  const received: unknown[] = []
  ben.channel<string>('secrets').on('message', ({ data }) => received.push(data))
  const secret = 'the treasure is under the oak '.repeat(100)
  void ann.channel<string>('secrets').send(secret, { to: ben.self.id })
  await clock.until(() => received.length > 0)
  expect(received).toEqual([secret])
  const texts = handled.map(({ bytes }) => Buffer.from(bytes).toString('latin1'))
  for (const plain of ['treasure', 'secrets', 'candidate', 'ufrag', 'ping', 'offer']) {
    expect(texts.filter((text) => text.includes(plain))).toEqual([])
  }
  expect(texts.some((text) => text.startsWith('["signal"'))).toBe(true)
  expect(features[0]?.mesh.cost.bytes).toBeGreaterThan(secret.length)
  expect(features[0]?.mesh.cost.signals).toBeGreaterThan(0)
})

/** What a malicious member does to one frame of ten. */
const attacks: readonly (readonly [string, (sent: Sent, held: Sent[]) => Sent[]])[] = [
  ['drops', () => []],
  ['repeats', (sent) => [sent, sent]],
  [
    'reorders',
    (sent, held) => {
      held.push(sent)
      return []
    },
  ],
  [
    'alters',
    (sent) => {
      const bytes = sent.bytes.slice()
      const last = bytes.length - 1
      bytes[last] = (bytes[last] ?? 0) ^ 1
      return [{ ...sent, bytes }]
    },
  ],
  ['shortens', (sent) => [{ ...sent, bytes: sent.bytes.slice(0, -1) }]],
]

test.each(attacks)('a member that %s frames makes nothing wrong arrive', async (_name, attack) => {
  console.log(`member in the middle: SKEIN_SEED=${seed}`)
  const random = seededRandom(seed)
  const held: Sent[] = []
  let isHostile = true
  const meddle: Meddle = (sent) => {
    const isHit = isHostile && isData(sent) && random() < 0.1
    const sents = isHit ? attack(sent, held) : [sent, ...(isData(sent) ? held.splice(0) : [])]
    return sents.map(({ bytes }) => bytes)
  }
  const world = middleWorld(meddle, seed)
  const { clock, network } = world
  network.cut('ann', 'ben')
  const [, ann, ben] = (await joinAll(world, ['cat', 'ann', 'ben'])) as Three
  const [there, back] = [talk(world, ann, ben), talk(world, ben, ann)]
  await clock.advance(20_000)
  isHostile = false
  held.length = 0
  // Links have failed, and rejected messages, meanwhile: it forwards nothing for seconds on end.
  await clock.until(() => isOpen(ann, ben, 'via'), { limitMs: 40_000 })
  await clock.advance(5_000)
  for (const each of [there, back]) {
    each.stop()
    await clock.advance(1_000)
    const where = `SKEIN_SEED=${seed}`
    expect(each.received, where).toEqual([...new Set(each.received)].sort((a, b) => a - b))
    expect(
      each.accepted.filter((number) => !each.received.includes(number)),
      where,
    ).toEqual([])
    expect(each.accepted.length, where).toBeGreaterThan(50)
  }
})

test('a member that forwards nothing is left for one that does', async () => {
  const world = middleWorld((sent) => (forwardedIn(sent) ? [] : [sent.bytes]))
  const { clock, network } = world
  network.cut('ann', 'ben')
  const [, dan, ann, ben] = (await joinAll(world, ['cat', 'dan', 'ann', 'ben'])) as [Room, ...Three]
  await clock.until(() => isOpen(ann, ben, 'via'), { limitMs: 10_000 })
  expect(linkBetween(ann, ben)?.via).toBe(dan.self.id)
})
