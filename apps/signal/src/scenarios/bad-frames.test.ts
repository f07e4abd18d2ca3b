import { expect, test } from 'vitest'
import { startFixture } from '../testing/fixture.ts'
import { anySilence, startTestServer } from '../testing/servers.ts'

test.each([
  ['not JSON', '{"type":'],
  ['null', 'null'],
  ['an array', '[]'],
  ['a number', '1'],
  ['a string', '"x"'],
  ['an empty frame', ''],
  ['an object without a type', '{}'],
  ['a type that is not a string', '{"type":{}}'],
  ['a type that is a property of every object', '{"type":"constructor"}'],
  ['an unknown type', '{"type":"teleport"}'],
  ['a type in upper case', '{"type":"JOIN"}'],
])('%s is answered with bad-message and the connection stays open', async (_, text) => {
  const { visitor, expectUnaffected } = await startFixture()
  visitor.sendRaw(text)
  expect(await visitor.next('error')).toMatchObject({ code: 'bad-message', retryable: false })
  expect((await visitor.join('elsewhere')).self.online).toBe(true)
  await expectUnaffected()
})

test('a binary frame is answered with bad-message and the connection stays open', async () => {
  const { visitor, expectUnaffected } = await startFixture()
  visitor.sendRaw(Buffer.from('{"type":"ping","id":1}'))
  expect(await visitor.next('error')).toMatchObject({ code: 'bad-message', about: null })
  expect((await visitor.join('elsewhere')).self.online).toBe(true)
  await expectUnaffected()
})

test('invalid UTF-8 closes the connection with 1007', async () => {
  const { visitor, expectUnaffected } = await startFixture()
  visitor.socket.send(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { binary: false })
  expect(await visitor.closed).toEqual({ code: 1007 })
  await expectUnaffected()
})

test('a frame of 64 KiB is accepted, and one more byte closes with 1009', async () => {
  const { visitor, expectUnaffected } = await startFixture()
  visitor.sendRaw('x'.repeat(64 * 1024))
  expect(await visitor.next('error')).toMatchObject({ code: 'bad-message' })
  visitor.sendRaw('x'.repeat(64 * 1024 + 1))
  expect(await visitor.closed).toEqual({ code: 1009 })
  await expectUnaffected()
})

const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`

test('JSON nested 10,000 deep is answered with bad-message', async () => {
  const { visitor, expectUnaffected } = await startFixture()
  visitor.sendRaw(deep)
  expect(await visitor.next('error')).toMatchObject({ code: 'bad-message' })
  await expectUnaffected()
})

test('a presence nested 10,000 deep is too large', async () => {
  const { visitor, expectUnaffected } = await startFixture()
  visitor.sendRaw(`{"type":"join","v":1,"room":"calm","presence":{"deep":${deep}}}`)
  expect(await visitor.next('error')).toMatchObject({ code: 'too-large', about: 'join' })
  await expectUnaffected()
})

test.each(['', ' '])(
  'a signal with a field nested 10,000 deep is relayed or rejected, in either layout (%j)',
  async (space) => {
    const { server, a, expectUnaffected } = await startFixture()
    const c = await server.member('calm')
    const data = `{"link":{"local":"l","remote":null},"type":"candidate","candidate":null,"x":${deep}}`
    c.client.sendRaw(`{"type":"signal",${space}"to":"${a.id}","data":${data}}`)
    const [signal] = await Promise.race([
      a.client.next('signal').then((message) => [message]),
      c.client.next('error').then((message) => [message]),
    ])
    expect(['signal', 'error']).toContain(signal?.type)
    await c.client.settle()
    await expectUnaffected()
  },
)

test('a message in 100,000 one-byte fragments closes with 1008', async () => {
  const { visitor, expectUnaffected } = await startFixture()
  for (let sent = 0; sent < 100_000; sent += 1) visitor.socket.send('x', { fin: false })
  expect(await visitor.closed).toEqual({ code: 1008 })
  await expectUnaffected()
})

test('the 21st bad message in a minute closes with 4500', async () => {
  const { visitor, expectUnaffected } = await startFixture()
  for (let sent = 0; sent < 21; sent += 1) visitor.sendRaw('nonsense')
  expect(await visitor.closed).toEqual({ code: 4500 })
  expect(visitor.received('error')).toHaveLength(21)
  await expectUnaffected()
})

test('20 bad messages per minute never close the connection', async () => {
  let now = 1_700_000_000_000
  const server = await startTestServer({ now: () => now, tuning: anySilence })
  const client = await server.connect()
  for (let minute = 0; minute < 3; minute += 1) {
    for (let sent = 0; sent < 20; sent += 1) client.sendRaw('nonsense')
    for (let received = 0; received < 20; received += 1) await client.nextError('bad-message')
    now += 60_000
  }
  expect(client.received('error')).toHaveLength(60)
  expect(client.socket.readyState).toBe(client.socket.OPEN)
})
