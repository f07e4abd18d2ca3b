import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openFolder, removeFolder } from './guard.ts'
import { RedisLine } from './redis-line.ts'

/** A server that says everything back, and a line to it. */
const open = async (word = ''): Promise<{ readonly line: RedisLine; readonly path: string }> => {
  const folder = await openFolder()
  const path = join(folder, 'echo.sock')
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('data', (data) => socket.write(`${word}${data}`))
    socket.on('error', () => socket.destroy())
  }).listen(path)
  await once(server, 'listening')
  const line = await RedisLine.to(path)
  onTestFinished(async () => {
    await line.close()
    server.close()
    for (const socket of sockets) socket.destroy()
    await once(server, 'close')
    await removeFolder(folder)
  })
  return { line, path }
}

const reach = async (line: RedisLine): Promise<Socket> => {
  const socket = connect(line.port, '127.0.0.1').on('error', () => socket.destroy())
  await once(socket, 'connect')
  return socket
}

const ask = async (socket: Socket, text: string): Promise<string> => {
  socket.write(text)
  const [data] = await once(socket, 'data')
  return String(data)
}

/** `once` would reject for the reset before it. */
const endOf = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve())
  })

test('a line carries both ways, late when it is slowed', async () => {
  const { line } = await open()
  const socket = await reach(line)
  expect(await ask(socket, 'a')).toBe('a')
  line.slow(80)
  const askedAt = performance.now()
  expect(await ask(socket, 'b')).toBe('b')
  expect(performance.now() - askedAt).toBeGreaterThanOrEqual(79)
  expect(await ask(await reach(line), 'c')).toBe('c')
  expect(performance.now() - askedAt).toBeGreaterThanOrEqual(159)
})

test('what is slowed keeps its order when the line is quick again', async () => {
  const { line } = await open()
  const socket = await reach(line)
  let heard = ''
  socket.on('data', (data) => {
    heard += data
  })
  line.slow(80)
  socket.write('a')
  await once(await reach(line).then((other) => other.end('x')), 'close')
  line.slow(0)
  socket.write('b')
  await expect.poll(() => heard).toBe('ab')
})

test('a line holds what subscribers say and hear, and nobody else', async () => {
  const { line } = await open()
  const [subscriber, other] = [await reach(line), await reach(line)]
  await ask(subscriber, 'SUBSCRIBE x')
  line.hold('subscribers')
  const held = ask(subscriber, 'held')
  expect(await ask(other, 'carried')).toBe('carried')
  expect(await ask(await reach(line), 'new')).toBe('new')
  line.release()
  expect(await held).toBe('held')
})

test('a line cuts subscribers, and nobody else', async () => {
  const { line } = await open()
  const [subscriber, other] = [await reach(line), await reach(line)]
  await ask(subscriber, 'SUBSCRIBE x')
  const cut = endOf(subscriber)
  line.cut('subscribers')
  await cut
  expect(await ask(other, 'carried')).toBe('carried')
})

test('a line that refuses ends its connections, old and new, until it accepts', async () => {
  const { line } = await open()
  const old = endOf(await reach(line))
  line.refuse()
  await old
  await endOf(connect(line.port, '127.0.0.1').on('error', () => {}))
  line.accept()
  expect(await ask(await reach(line), 'a')).toBe('a')
})

test('a line that is turned ends its connections and leads to another server', async () => {
  const { line } = await open()
  const other = await open('other: ')
  const socket = await reach(line)
  const ended = endOf(socket)
  line.turnTo(other.path)
  await ended
  expect(await ask(await reach(line), 'a')).toBe('other: a')
})
