import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openFolder, removeFolder } from './guard.ts'
import { RedisProxy } from './redis-proxy.ts'

/** Opens an echo server and a proxy in front of it. */
const openProxy = async (
  prefix = '',
): Promise<{ readonly proxy: RedisProxy; readonly path: string }> => {
  const folder = await openFolder()
  const path = join(folder, 'echo.sock')
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('data', (data) => socket.write(`${prefix}${data}`))
    socket.on('error', () => socket.destroy())
  }).listen(path)
  await once(server, 'listening')
  const proxy = await RedisProxy.to(path)
  onTestFinished(async () => {
    await proxy.close()
    server.close()
    for (const socket of sockets) socket.destroy()
    await once(server, 'close')
    await removeFolder(folder)
  })
  return { proxy, path }
}

const connectTo = async (proxy: RedisProxy): Promise<Socket> => {
  const socket = connect(proxy.port, '127.0.0.1').on('error', () => socket.destroy())
  await once(socket, 'connect')
  return socket
}

const request = async (socket: Socket, text: string): Promise<string> => {
  socket.write(text)
  const [data] = await once(socket, 'data')
  return String(data)
}

/** `once` would reject because of the reset before `close`. */
const closeOf = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve())
  })

test('a proxy forwards in both directions, with a delay if one is set', async () => {
  const { proxy } = await openProxy()
  const socket = await connectTo(proxy)
  expect(await request(socket, 'a')).toBe('a')
  proxy.setDelay(80)
  const sentAt = performance.now()
  expect(await request(socket, 'b')).toBe('b')
  expect(performance.now() - sentAt).toBeGreaterThanOrEqual(79)
  expect(await request(await connectTo(proxy), 'c')).toBe('c')
  expect(performance.now() - sentAt).toBeGreaterThanOrEqual(159)
})

test('data stays in order when the delay ends', async () => {
  const { proxy } = await openProxy()
  const socket = await connectTo(proxy)
  let received = ''
  socket.on('data', (data) => {
    received += data
  })
  proxy.setDelay(80)
  socket.write('a')
  await once(await connectTo(proxy).then((other) => other.end('x')), 'close')
  proxy.setDelay(0)
  socket.write('b')
  await expect.poll(() => received).toBe('ab')
})

test('a proxy can pause only the connections of subscribers', async () => {
  const { proxy } = await openProxy()
  const [subscriber, other] = [await connectTo(proxy), await connectTo(proxy)]
  await request(subscriber, 'SUBSCRIBE x')
  proxy.pause('subscribers')
  const held = request(subscriber, 'held')
  expect(await request(other, 'forwarded')).toBe('forwarded')
  expect(await request(await connectTo(proxy), 'new')).toBe('new')
  proxy.resume()
  expect(await held).toBe('held')
})

test('a proxy can disconnect only subscribers', async () => {
  const { proxy } = await openProxy()
  const [subscriber, other] = [await connectTo(proxy), await connectTo(proxy)]
  await request(subscriber, 'SUBSCRIBE x')
  const closed = closeOf(subscriber)
  proxy.disconnect('subscribers')
  await closed
  expect(await request(other, 'forwarded')).toBe('forwarded')
})

test('a proxy that refuses resets current and new connections until it accepts again', async () => {
  const { proxy } = await openProxy()
  const old = closeOf(await connectTo(proxy))
  proxy.refuse()
  await old
  await closeOf(connect(proxy.port, '127.0.0.1').on('error', () => {}))
  proxy.accept()
  expect(await request(await connectTo(proxy), 'a')).toBe('a')
})

test('a redirected proxy resets its connections and forwards to another server', async () => {
  const { proxy } = await openProxy()
  const other = await openProxy('other: ')
  const socket = await connectTo(proxy)
  const ended = closeOf(socket)
  proxy.redirect(other.path)
  await ended
  expect(await request(await connectTo(proxy), 'a')).toBe('other: a')
})
