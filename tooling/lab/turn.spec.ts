import { createHmac } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { needs } from '@skein/needs'
import { expect } from './lab-test.ts'
import type { TurnUse } from './page/watched-connection.ts'
import { range, type Tab } from './tab.ts'
import { TurnClient, type TurnCredential } from './turn-client.ts'
import { allowsLoopback, TurnServer } from './turn-server.ts'
import { test } from './turn-test.ts'

const relayed = { iceTransportPolicy: 'relay' } as const

const turnsOf = async (tab: Tab): Promise<readonly TurnUse[]> => (await tab.view()).turns
const pathsOf = async (tab: Tab) => (await tab.view()).paths

/** Each hears what the others say, and none of it came directly. */
const expectTalk = async (tabs: readonly Tab[], first: number) => {
  const end = first + 20
  for (const tab of tabs) await tab.send(first, end)
  for (const tab of tabs) {
    const { self } = await tab.view()
    for (const other of tabs.filter((one) => one !== tab)) {
      await expect
        .poll(async () => (await other.received(self)).slice(-20))
        .toEqual(range(first, end))
    }
    await expect.poll(() => pathsOf(tab)).toEqual(tabs.slice(1).map(() => 'relay'))
  }
}

const expiryOf = ({ username }: TurnCredential): number => Number(username.split(':')[0])

/** Until the TURN server takes it for expired, too: its clock counts whole seconds. */
const expired = (credential: TurnCredential) =>
  expect
    .poll(() => Math.floor(Date.now() / 1_000), { timeout: 60_000 })
    .toBeGreaterThan(expiryOf(credential))

/** What coturn answers to a request for a relay with that credential. */
const answerTo = async (turn: TurnServer, credential: TurnCredential): Promise<number> => {
  const client = await TurnClient.open(turn.port, credential)
  try {
    return await client.allocate()
  } finally {
    client.close()
  }
}

const credentialOf = (
  secret: string,
  { expiry = inAMinute(), id = 'someone' } = {},
): TurnCredential => {
  const username = `${expiry}:${id}`
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') }
}

const inAMinute = () => Math.floor(Date.now() / 1_000) + 60

const ipv4 = {
  family: 'ipv4',
  relay: '127.0.0.1',
  inner: [
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '255.255.255.255',
  ],
  outer: ['8.8.8.8', '172.15.255.255', '172.32.0.0', '100.63.255.255'],
} as const
const ipv6 = {
  family: 'ipv6',
  relay: '::1',
  inner: [
    '::1',
    '::7f00:1',
    '::ffff:7f00:1',
    '::ffff:a00:1',
    '64:ff9b::a00:1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:a00:1::1',
    'fc00::1',
    'fd00::2',
    'fe80::1',
    'ff02::1',
  ],
  outer: ['2001:200::1', '2606:4700::1', '2a00::1'],
} as const
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
)
/** A machine without IPv6 has no relay for it. */
const networks = hasIpv6 ? [ipv4, ipv6] : [ipv4]

if (needs('turnserver')) {
  test('tabs that may only relay talk through coturn, before and after their credentials have ended', async ({
    mesh,
    tab,
    turn,
  }) => {
    test.setTimeout(120_000)
    const pair = await mesh(2, relayed)
    const [ann] = pair
    if (!ann) throw new Error('two tabs')
    await expectTalk(pair, 0)
    const before = await Promise.all(pair.map((one) => one.view()))
    const [first] = await turnsOf(ann)
    if (!first) throw new Error('a credential')
    expect(await answerTo(turn, first)).toBe(0)

    // Fresh ones come by themselves, and ICE restarts with them.
    for (const one of pair) {
      await expect.poll(async () => (await turnsOf(one)).length, { timeout: 60_000 }).toBe(2)
    }
    const [, second] = await turnsOf(ann)
    if (!second) throw new Error('a second credential')
    expect(expiryOf(second)).toBeGreaterThan(expiryOf(first))
    await expired(first)
    expect(await answerTo(turn, first)).toBe(401)
    expect(await answerTo(turn, second)).toBe(0)
    await expectTalk(pair, 100)

    // A connection that is made only now, at both ends.
    const late = await tab(relayed)
    for (const one of [...pair, late]) {
      await expect.poll(async () => (await one.view()).openLinks.length).toBe(2)
    }
    await expectTalk([...pair, late], 200)
    for (const [index, one] of pair.entries()) {
      const { channelsClosed, connections } = before[index] ?? (await one.view())
      expect(await one.view()).toMatchObject({ channelsClosed, connections: connections + 1 })
    }
  })

  test.describe('over TCP', () => {
    test.use({ transport: 'tcp' })

    test('tabs whose TURN server is reached over TCP talk through it', async ({ mesh }) => {
      const pair = await mesh(2, relayed)
      await expectTalk(pair, 0)
      for (const one of pair) {
        expect((await turnsOf(one)).flatMap(({ urls }) => urls)).toEqual([
          expect.stringContaining('transport=tcp'),
        ])
      }
    })
  })

  test('coturn takes no credential that is forged, of another secret, or expired', async ({
    turn,
  }) => {
    const good = credentialOf(turn.secret)
    expect(await answerTo(turn, good)).toBe(0)
    const later = `${inAMinute() + 3_600}:someone`
    for (const bad of [
      { ...good, credential: 'nonsense' },
      { ...good, username: later },
      { ...good, username: 'someone' },
      credentialOf('another secret'),
      credentialOf(turn.secret, { expiry: inAMinute() - 61 }),
    ]) {
      expect(await answerTo(turn, bad)).toBe(401)
    }
  })

  for (const { family, relay, inner, outer } of networks) {
    test(`the relay leads to no address that is not on the open internet: ${family}`, async () => {
      const turn = await TurnServer.start([`--relay-ip=${relay}`])
      try {
        const client = await TurnClient.open(turn.port, credentialOf(turn.secret))
        expect(await client.allocate(family)).toBe(0)
        const answers: Record<string, number> = {}
        for (const address of [...inner, ...outer]) answers[address] = await client.permit(address)
        const wanted = [...inner.map((one) => [one, 403]), ...outer.map((one) => [one, 0])]
        expect(answers).toEqual(Object.fromEntries(wanted))
        client.close()
      } finally {
        await turn.stop()
      }
    })
  }

  for (const { name, more, answer } of [
    { name: 'a relay behind a 1:1 NAT denies itself', more: [], answer: 403 },
    { name: 'one that is allowed to itself does not', more: allowsLoopback, answer: 0 },
  ]) {
    // Of the public address coturn makes the private one before it looks whether that is denied.
    test(name, async () => {
      const nat = ['--relay-ip=127.0.0.1', '--external-ip=8.8.4.4/127.0.0.1']
      const turn = await TurnServer.start([...nat, ...more])
      try {
        const client = await TurnClient.open(turn.port, credentialOf(turn.secret))
        expect(await client.allocate()).toBe(0)
        expect(await client.permit('8.8.4.4')).toBe(answer)
        expect(await client.permit('10.0.0.1')).toBe(403)
        client.close()
      } finally {
        await turn.stop()
      }
    })
  }

  // coturn sets bandwidth aside for each relay: a careless limit ends at the ninth.
  test('thirty users have a relay each', async ({ turn }) => {
    const clients = await Promise.all(
      range(0, 30).map((n) =>
        TurnClient.open(turn.port, credentialOf(turn.secret, { id: `${n}` })),
      ),
    )
    const answers = await Promise.all(clients.map((client) => client.allocate()))
    for (const client of clients) client.close()
    expect(answers).toEqual(answers.map(() => 0))
  })

  test('one user has no more relays than its quota', async () => {
    const turn = await TurnServer.start([...allowsLoopback, '--user-quota=2'])
    const clients: TurnClient[] = []
    try {
      // Another expiry is not another user.
      for (const [index, answer] of [0, 0, 486].entries()) {
        const user = credentialOf(turn.secret, { expiry: inAMinute() + index })
        const client = await TurnClient.open(turn.port, user)
        clients.push(client)
        expect(await client.allocate()).toBe(answer)
      }
    } finally {
      for (const client of clients) client.close()
      await turn.stop()
    }
  })
}
