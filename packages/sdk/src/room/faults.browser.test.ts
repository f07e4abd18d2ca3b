import { defaultLimits } from '@skein/protocol'
import { afterEach, expect, inject, test } from 'vitest'
import type { Peer, Room } from '../api.ts'
import { joinRoom } from '../index.ts'
import { allOpen, enter, enterTogether, freshRoom, leaveAll, until } from './rooms.testing.ts'

afterEach(leaveAll)

/** Sockets of one peer, which a test makes fail. */
const faultySockets = () => {
  const control = {
    /** Sockets that are closed instead of handing on their welcome. */
    lostWelcomes: 0,
    /** New sockets find no server. */
    isCutOff: false,
    /** Called at each step of a join. */
    step: () => {},
    open: new Set<WebSocket>(),
  }
  class FaultySocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(control.isCutOff ? `${url}/nowhere` : url, protocols)
      control.open.add(this)
      control.step()
      this.addEventListener('open', () => control.step())
      this.addEventListener('message', (event) => {
        if (JSON.parse(event.data).type !== 'welcome') return
        if (control.lostWelcomes === 0) return control.step()
        control.lostWelcomes -= 1
        event.stopImmediatePropagation()
        this.close()
      })
    }
    override send(data: string): void {
      super.send(data)
      control.step()
    }
  }
  const drop = () => {
    for (const socket of control.open) socket.close()
  }
  const cut = () => {
    control.isCutOff = true
    drop()
  }
  return { control, cut, drop, port: FaultySocket }
}

test('a member is back as itself, however many welcomes did not reach it', async () => {
  const { control, drop, port } = faultySockets()
  const name = freshRoom()
  const ann = await enter(name)
  const ben = await enter(name, { WebSocket: port })
  const { id } = ben.self
  await until(ben, () => allOpen(ben))
  const left: unknown[] = []
  ann.on('peerleave', (event) => left.push(event))
  control.lostWelcomes = 5
  drop()
  await until(ben, () => ben.status === 'degraded')
  await until(ben, () => ben.status === 'connected')
  expect([control.lostWelcomes, ben.self.id, left]).toEqual([0, id, []])
})

test('of updates at any pace the last one arrives, and nobody is disconnected for them', async () => {
  const [ann, ben] = (await enterTogether(2)) as [Room, Room]
  const problems: unknown[] = []
  ann.on('error', ({ error }) => problems.push(error))
  ann.on('statuschange', (event) => problems.push(event))
  for (let x = 0; x < 1_000; x += 1) ann.update({ presence: { x } })
  const seen = (room: Room) => (room === ann ? room.self : room.peers.get(ann.self.id))?.presence
  const isLast = (presence: Peer['presence'] | undefined) => presence?.x === 999
  await Promise.all([ann, ben].map((room) => until(room, () => isLast(seen(room)))))
  expect([problems, ann.status]).toEqual([[], 'connected'])
})

test('a join that is aborted at any moment leaves no member behind', async () => {
  const name = freshRoom()
  const watcher = await enter(name)
  // A socket is created, it opens, the join is sent, and the welcome is there.
  for (let at = 0; at < 4; at += 1) {
    const { control, port } = faultySockets()
    const stop = new AbortController()
    let steps = 0
    control.step = () => {
      if (steps === at) stop.abort()
      steps += 1
    }
    const { signal } = stop
    const joining = joinRoom({ url: inject('signaling'), room: name, WebSocket: port, signal })
    await expect(joining).rejects.toMatchObject({ code: 'aborted' })
  }
  const startedAt = performance.now()
  const visitor = await enter(name)
  await until(watcher, () => watcher.peers.size === 1 && watcher.peers.has(visitor.self.id))
  await until(visitor, () => visitor.peers.size === 1)
  // Far below the grace period, after which a ghost would be gone too.
  expect(performance.now() - startedAt).toBeLessThan(defaultLimits.memberGraceMs / 2)
})

test('an rtc configuration that the browser refuses rejects the join', async () => {
  const rtc = { iceServers: [{ urls: 'nonsense' }] }
  await expect(enter(freshRoom(), { rtc })).rejects.toMatchObject({
    code: 'bad-argument',
    message: expect.stringContaining('rtc'),
    cause: expect.any(Error),
  })
})

test('a host that has lost the server alone stops being host when another one rules', async () => {
  const { cut, port } = faultySockets()
  const name = freshRoom()
  const ann = await enter(name, { WebSocket: port })
  const ben = await enter(name)
  await Promise.all([ann, ben].map((room) => until(room, () => room.peers.size === 1)))
  await Promise.all([ann, ben].map((room) => until(room, () => allOpen(room))))
  const runs: AbortSignal[] = []
  const started = new Promise<void>((resolve) => {
    ann.asHost(({ signal }) => {
      runs.push(signal)
      resolve()
    })
  })
  await started
  cut()
  await until(ann, () => ann.status === 'degraded')
  expect([ann.isHost, runs.map(({ aborted }) => aborted)]).toEqual([true, [false]])
  await until(ben, () => ben.isHost)
  await until(ann, () => !ann.isHost)
  expect([ann.status, ann.host, runs.map(({ aborted }) => aborted)]).toEqual([
    'degraded',
    null,
    [true],
  ])
  const orders = ann.channel('orders', { hostOnly: true })
  await expect(orders.send('x')).rejects.toMatchObject({ code: 'not-host' })
})
