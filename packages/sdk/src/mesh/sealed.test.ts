import { peerId, type SignalData } from '@skein/protocol'
import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { Keyring, type Subtle } from './keyring.ts'
import { nodeSubtle } from './node-subtle.testing.ts'
import { decodeRelayFrame, encodeRelayFrame } from './relay-frame.ts'
import { Opener, Sealer } from './seal.ts'
import { SealedSignals } from './sealed-signals.ts'

/** A new one each time; `SKEIN_SEED=7` repeats a run. */
const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 1e9)

const [ann, ben, eve] = [peerId('ann'), peerId('ben'), peerId('eve')]
const salt = new Uint8Array(32)

const settle = () => new Promise((resolve) => setTimeout(resolve, 0))

const present = (key: CryptoKey | null): CryptoKey => {
  if (!key) throw new Error('no key')
  return key
}

/** Two keyrings that know each other; the platform's WebCrypto unless told otherwise. */
const introduced = async (subtle: Subtle = crypto.subtle) => {
  const [anns, bens] = [new Keyring(subtle), new Keyring(subtle)]
  anns.learn(ben, await bens.publicKey(), 'server')
  bens.learn(ann, await anns.publicKey(), 'server')
  return { anns, bens }
}

test('both ends agree on a key, and no two uses share one', async () => {
  const { anns, bens } = await introduced()
  const uses = [
    { purpose: 'via', from: ann, to: ben, salt },
    { purpose: 'via', from: ben, to: ann, salt },
    { purpose: 'signal', from: ann, to: ben, salt },
    { purpose: 'via', from: ann, to: ben, salt: new Uint8Array(32).fill(1) },
  ] as const
  const plain = new Uint8Array([1, 2, 3])
  const opened = uses.flatMap((use) =>
    uses.map(async (other) => {
      const sealed = await new Sealer(crypto.subtle, present(await anns.derive(ben, use))).seal(
        plain,
      )
      const opener = new Opener(crypto.subtle, present(await bens.derive(ann, other)))
      return opener.open(sealed).then(
        (bytes) => (use === other ? bytes : 'opened by a key for something else'),
        () => (use === other ? 'not opened' : plain),
      )
    }),
  )
  expect(await Promise.all(opened)).toEqual(opened.map(() => plain))
})

test('the fake of WebCrypto and the platform understand each other', async () => {
  const [real, fake] = [new Keyring(crypto.subtle), new Keyring(nodeSubtle())]
  real.learn(ben, await fake.publicKey(), 'server')
  fake.learn(ann, await real.publicKey(), 'server')
  const use = { purpose: 'via', from: ann, to: ben, salt } as const
  const [mine, theirs] = [
    present(await real.derive(ben, use)),
    present(await fake.derive(ann, use)),
  ]
  const sealed = await new Sealer(crypto.subtle, mine).seal(new Uint8Array([7]))
  expect(await new Opener(nodeSubtle(), theirs).open(sealed)).toEqual(new Uint8Array([7]))
})

test('a key from a direct connection is not replaced by one from the server', async () => {
  const { anns } = await introduced()
  const [first, second] = [new Keyring(crypto.subtle), new Keyring(crypto.subtle)]
  expect(anns.learn(ben, await first.publicKey(), 'direct')).toBe(true)
  expect(anns.learn(ben, await second.publicKey(), 'server')).toBe(false)
  expect(anns.learn(ben, await second.publicKey(), 'direct')).toBe(true)
})

test.each([['x'], [''], [null], [7], ['A'.repeat(87)], ['A'.repeat(1_000)]])(
  'the public key %s gives no key',
  async (key) => {
    const keyring = new Keyring(crypto.subtle)
    keyring.learn(ben, key, 'server')
    expect(await keyring.derive(ben, { purpose: 'via', from: ann, to: ben, salt })).toBeNull()
  },
)

test('frames survive their encoding, and no bytes make decoding throw', () => {
  const random = seededRandom(seed)
  console.log(`relay frames: SKEIN_SEED=${seed}`)
  const bytes = (length: number) => Uint8Array.from({ length }, () => Math.floor(random() * 256))
  for (let run = 0; run < 2_000; run += 1) {
    const frame = {
      kind: Math.floor(random() * 5),
      isDelivery: random() < 0.5,
      peer: peerId('p'.repeat(1 + Math.floor(random() * 64))),
      connection: bytes(16),
      body: bytes(Math.floor(random() * 100)),
    }
    const encoded = encodeRelayFrame(frame)
    expect(decodeRelayFrame(encoded)).toEqual(frame)
    decodeRelayFrame(encoded.subarray(0, Math.floor(random() * encoded.length)))
    decodeRelayFrame(bytes(Math.floor(random() * 40)))
  }
  for (const data of [null, 'text', [], {}, new ArrayBuffer(40)]) {
    expect(decodeRelayFrame(data)).toBeNull()
  }
})

const offer: SignalData = {
  link: { local: 'a', remote: null },
  type: 'description',
  description: { type: 'offer', sdp: 'v=0' },
}

/** Signals from Ann to Ben. */
const signals = async () => {
  const subtle = nodeSubtle()
  const { anns, bens } = await introduced(subtle)
  return {
    bens,
    anns: new SealedSignals({ subtle, keyring: anns, self: () => ann }),
    open: new SealedSignals({ subtle, keyring: bens, self: () => ben }),
  }
}

test('a signal that comes by several ways counts once, and only from the one that wrote it', async () => {
  const { anns, bens, open } = await signals()
  const sealed: string[] = []
  anns.seal(ben, offer, (text) => sealed.push(text))
  await settle()
  const [text = ''] = sealed
  const taken: SignalData[] = []
  const take = (data: SignalData) => void taken.push(data)
  const eves = new Keyring(nodeSubtle())
  bens.learn(eve, await eves.publicKey(), 'direct')
  // As if it were from another.
  open.open(eve, text, take)
  open.open(ann, `${text.slice(0, -2)}AA`, take)
  open.open(ann, text, take)
  open.open(ann, text, take)
  for (const bad of ['', 'AAAA', '%', 7, null]) open.open(ann, bad, take)
  await settle()
  expect(taken).toEqual([offer])
})

test('a signal that the server would refuse is refused', async () => {
  const { anns, open } = await signals()
  const bad: unknown[] = [
    null,
    7,
    {},
    { ...offer, link: null },
    { ...offer, link: { local: 1, remote: null } },
    { ...offer, description: { type: 'rollback', sdp: '' } },
    { ...offer, type: 'candidate', candidate: { candidate: 7 } },
    { ...offer, type: 'candidate' },
  ]
  const taken: SignalData[] = []
  for (const data of bad) {
    anns.seal(ben, data as SignalData, (text) => open.open(ann, text, (each) => taken.push(each)))
  }
  const good: SignalData = { link: offer.link, type: 'candidate', candidate: null }
  anns.seal(ben, { ...good, key: 'not carried' }, (text) =>
    open.open(ann, text, (each) => taken.push(each)),
  )
  await settle()
  await settle()
  expect(taken).toEqual([good])
})
