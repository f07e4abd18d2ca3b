import { createHmac } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { needs } from '@skein/needs'
import { expect } from './lab-test.ts'
import type { TurnServerUse } from './page/watched-connection.ts'
import { range, type Tab } from './tab.ts'
import { TurnClient, type TurnCredential } from './turn-client.ts'
import { loopbackOptions, TurnServer } from './turn-server.ts'
import { test } from './turn-test.ts'

const relayed = { iceTransportPolicy: 'relay' } as const

const turnServersOf = async (tab: Tab): Promise<readonly TurnServerUse[]> =>
  (await tab.view()).turnServers
const pathsOf = async (tab: Tab) => (await tab.view()).paths

/** All tabs exchange messages, and all links are relayed. */
const expectRelayedMessages = async (tabs: readonly Tab[], first: number) => {
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

/** Waits until a credential has expired, also by coturn's clock, which counts whole seconds. */
const waitForExpiry = (credential: TurnCredential) =>
  expect
    .poll(() => Math.floor(Date.now() / 1_000), { timeout: 60_000 })
    .toBeGreaterThan(expiryOf(credential))

/** Requests an allocation with this credential; resolves with 0 or the error code. */
const allocate = async (turn: TurnServer, credential: TurnCredential): Promise<number> => {
  const client = await TurnClient.open(turn.port, credential)
  try {
    return await client.allocate()
  } finally {
    client.close()
  }
}

const credentialOf = (
  secret: string,
  { expiry = inOneMinute(), id = 'someone' } = {},
): TurnCredential => {
  const username = `${expiry}:${id}`
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') }
}

const inOneMinute = () => Math.floor(Date.now() / 1_000) + 60

const ipv4 = {
  family: 'ipv4',
  relay: '127.0.0.1',
  denied: [
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
  allowed: ['8.8.8.8', '172.15.255.255', '172.32.0.0', '100.63.255.255'],
} as const
const ipv6 = {
  family: 'ipv6',
  relay: '::1',
  denied: [
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
  allowed: ['2001:200::1', '2606:4700::1', '2a00::1'],
} as const
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
)
/** On a machine without IPv6, coturn cannot allocate IPv6 relays. */
const networks = hasIpv6 ? [ipv4, ipv6] : [ipv4]

if (needs('turnserver')) {
  test('relay-only tabs exchange messages through coturn, also after their first credentials expired', async ({
    mesh,
    tab,
    turn,
  }) => {
    test.setTimeout(120_000)
    const pair = await mesh(2, relayed)
    const [ann] = pair
    if (!ann) throw new Error('expected two tabs')
    await expectRelayedMessages(pair, 0)
    const before = await Promise.all(pair.map((one) => one.view()))
    const [first] = await turnServersOf(ann)
    if (!first) throw new Error('expected a credential')
    expect(await allocate(turn, first)).toBe(0)

    // Fresh credentials arrive by themselves, and ICE restarts with them.
    for (const one of pair) {
      await expect.poll(async () => (await turnServersOf(one)).length, { timeout: 60_000 }).toBe(2)
    }
    const [, second] = await turnServersOf(ann)
    if (!second) throw new Error('expected a second credential')
    expect(expiryOf(second)).toBeGreaterThan(expiryOf(first))
    await waitForExpiry(first)
    expect(await allocate(turn, first)).toBe(401)
    expect(await allocate(turn, second)).toBe(0)
    await expectRelayedMessages(pair, 100)

    // A new connection, at both ends.
    const third = await tab(relayed)
    for (const one of [...pair, third]) {
      await expect.poll(async () => (await one.view()).openLinks.length).toBe(2)
    }
    await expectRelayedMessages([...pair, third], 200)
    for (const [index, one] of pair.entries()) {
      const { channelsClosed, connections } = before[index] ?? (await one.view())
      expect(await one.view()).toMatchObject({ channelsClosed, connections: connections + 1 })
    }
  })

  test.describe('over TCP', () => {
    test.use({ transport: 'tcp' })

    test('tabs exchange messages through a TURN server that they reach over TCP', async ({
      mesh,
    }) => {
      const pair = await mesh(2, relayed)
      await expectRelayedMessages(pair, 0)
      for (const one of pair) {
        expect((await turnServersOf(one)).flatMap(({ urls }) => urls)).toEqual([
          expect.stringContaining('transport=tcp'),
        ])
      }
    })
  })

  test('coturn rejects credentials that are forged, expired or made with another secret', async ({
    turn,
  }) => {
    const good = credentialOf(turn.secret)
    expect(await allocate(turn, good)).toBe(0)
    const later = `${inOneMinute() + 3_600}:someone`
    for (const bad of [
      { ...good, credential: 'nonsense' },
      { ...good, username: later },
      { ...good, username: 'someone' },
      credentialOf('another secret'),
      credentialOf(turn.secret, { expiry: inOneMinute() - 61 }),
    ]) {
      expect(await allocate(turn, bad)).toBe(401)
    }
  })

  for (const { family, relay, denied, allowed } of networks) {
    test(`the relay denies every address outside the public internet: ${family}`, async () => {
      const turn = await TurnServer.start([`--relay-ip=${relay}`])
      try {
        const client = await TurnClient.open(turn.port, credentialOf(turn.secret))
        expect(await client.allocate(family)).toBe(0)
        const codes: Record<string, number> = {}
        for (const address of [...denied, ...allowed])
          codes[address] = await client.createPermission(address)
        const expected = [...denied.map((one) => [one, 403]), ...allowed.map((one) => [one, 0])]
        expect(codes).toEqual(Object.fromEntries(expected))
        client.close()
      } finally {
        await turn.stop()
      }
    })
  }

  for (const { name, options, code } of [
    { name: 'a relay behind a 1:1 NAT denies its own address', options: [], code: 403 },
    { name: 'a relay with its own address allowed accepts it', options: loopbackOptions, code: 0 },
  ]) {
    // coturn maps its public address to the private one before it checks the denied ranges.
    test(name, async () => {
      const nat = ['--relay-ip=127.0.0.1', '--external-ip=8.8.4.4/127.0.0.1']
      const turn = await TurnServer.start([...nat, ...options])
      try {
        const client = await TurnClient.open(turn.port, credentialOf(turn.secret))
        expect(await client.allocate()).toBe(0)
        expect(await client.createPermission('8.8.4.4')).toBe(code)
        expect(await client.createPermission('10.0.0.1')).toBe(403)
        client.close()
      } finally {
        await turn.stop()
      }
    })
  }

  // coturn reserves bandwidth for each allocation: too low a limit rejects the ninth.
  test('thirty users get one allocation each', async ({ turn }) => {
    const clients = await Promise.all(
      range(0, 30).map((n) =>
        TurnClient.open(turn.port, credentialOf(turn.secret, { id: `${n}` })),
      ),
    )
    const codes = await Promise.all(clients.map((client) => client.allocate()))
    for (const client of clients) client.close()
    expect(codes).toEqual(codes.map(() => 0))
  })

  test('one user gets no more allocations than its quota', async () => {
    const turn = await TurnServer.start([...loopbackOptions, '--user-quota=2'])
    const clients: TurnClient[] = []
    try {
      // A user name with another expiry belongs to the same user.
      for (const [index, code] of [0, 0, 486].entries()) {
        const user = credentialOf(turn.secret, { expiry: inOneMinute() + index })
        const client = await TurnClient.open(turn.port, user)
        clients.push(client)
        expect(await client.allocate()).toBe(code)
      }
    } finally {
      for (const client of clients) client.close()
      await turn.stop()
    }
  })
}
