import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { startFixture } from '../testing/fixture.ts'
import { rawUpgrade } from '../testing/raw-http.ts'

test.each([
  ['Upgrade: h2c', { headers: { Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings' } }, 426],
  ['Upgrade: h2c to /', { line: 'GET / HTTP/1.1', headers: { Upgrade: 'h2c' } }, 404],
  ['//evil/ws', { line: 'GET //evil/ws HTTP/1.1' }, 404],
  ['an absolute URL', { line: 'GET http://evil/ws HTTP/1.1' }, 404],
  ['/ws//', { line: 'GET /ws// HTTP/1.1' }, 404],
  ['/WS', { line: 'GET /WS HTTP/1.1' }, 404],
  ['/%77s', { line: 'GET /%77s HTTP/1.1' }, 404],
  ['POST', { line: 'POST /ws HTTP/1.1' }, 405],
  ['HTTP/1.0', { line: 'GET /ws HTTP/1.0' }, 400],
  ['a wrong subprotocol', { headers: { 'Sec-WebSocket-Protocol': 'skein.v9' } }, 400],
  ['no subprotocol', { headers: { 'Sec-WebSocket-Protocol': null } }, 400],
  ['a duplicate subprotocol', { headers: { 'Sec-WebSocket-Protocol': 'skein.v1,skein.v1' } }, 400],
  ['an invalid subprotocol list', { headers: { 'Sec-WebSocket-Protocol': 'skein.v1,,' } }, 400],
  ['an old version', { headers: { 'Sec-WebSocket-Version': '8' } }, 426],
  ['no key', { headers: { 'Sec-WebSocket-Key': null } }, 400],
  ['a short key', { headers: { 'Sec-WebSocket-Key': 'AAAA' } }, 400],
])('an upgrade with %s gets an HTTP error and is disconnected', async (_, request, status) => {
  const { server, expectUnaffected } = await startFixture()
  const response = await rawUpgrade({ port: server.port, ...request })
  expect(response).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(response).not.toContain('101 Switching')
  await expectUnaffected()
})

test('a query string and additional subprotocols are accepted', async () => {
  const { server, expectUnaffected } = await startFixture()
  const socket = new WebSocket(`${server.url}?from=here`, ['other', 'skein.v1'])
  await once(socket, 'open')
  expect(socket.protocol).toBe('skein.v1')
  await expectUnaffected()
})

test('a trailing slash is accepted', async () => {
  const { server, expectUnaffected } = await startFixture()
  const socket = new WebSocket(`${server.url}/?from=here`, 'skein.v1')
  await once(socket, 'open')
  await expectUnaffected()
})

test('compression is not negotiated', async () => {
  const { visitor } = await startFixture()
  expect(visitor.socket.extensions).toBe('')
})

test('a plain HTTP request to the WebSocket endpoint is answered with 426', async () => {
  const { server } = await startFixture()
  expect((await fetch(`${server.httpUrl}/ws`)).status).toBe(426)
})

test('data that is not HTTP is answered with 400 and disconnected', async () => {
  const { server, expectUnaffected } = await startFixture()
  const socket = connect(server.port, '127.0.0.1')
  socket.write('\x16\x03\x01\x02\x00\x01\x00\r\n\r\n')
  const [data] = await once(socket, 'data')
  expect(String(data)).toMatch(/^HTTP\/1.1 400 /)
  await once(socket, 'close')
  await expectUnaffected()
})

test('a client that disconnects during its handshake does not affect others', async () => {
  const { server, expectUnaffected } = await startFixture()
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n')
  socket.resetAndDestroy()
  await expectUnaffected()
})

test('a handshake that arrives byte by byte is disconnected', async () => {
  const { server } = await startFixture({ tuning: { firstFrameMs: 200 } })
  const socket = connect(server.port, '127.0.0.1')
  const drip = setInterval(() => socket.write('x'), 10)
  onTestFinished(() => clearInterval(drip))
  const disconnected = new Promise((resolve) => {
    socket.on('close', resolve)
  })
  // The client is still writing when the server disconnects it.
  socket.on('error', () => {})
  socket.write('GET /ws HTTP/1.1\r\nX: ')
  await disconnected
})
