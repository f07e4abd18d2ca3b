import { expect, test } from 'vitest'
import { fakeWorld } from './fake-world.testing.ts'

test('the call is made while nobody has answered the join', async () => {
  const { clock, network, begin, signaling } = fakeWorld()
  signaling.cut('ben')
  const joining = Promise.allSettled([begin('ben', { timeoutMs: 3_000 })])
  const [prepared] = network.connections('ben')
  await clock.advance(1_000)
  expect(prepared?.signalingState).toBe('have-local-offer')
  expect(prepared?.channels.map(({ label }) => label)).toEqual(['skein-control', 'skein'])
  await clock.advance(2_001)
  expect(await joining).toMatchObject([{ status: 'rejected' }])
  expect(network.connections('ben')).toEqual([])
})

test('it is the one that the newcomer calls with', async () => {
  const { clock, network, begin, gather } = fakeWorld()
  await gather(['ann'])
  const joining = begin('ben')
  const [prepared] = network.connections('ben')
  await clock.until(() => prepared?.connectionState === 'connected')
  await joining
  expect(network.connections('ben')).toEqual([prepared])
  expect(network.connections('ann')).toEqual([prepared?.remote])
})

test('of three, the newcomer uses it for one, and has one connection to each', async () => {
  const { network, gather } = fakeWorld()
  await gather(['ann', 'ben', 'cid'])
  const made = (machine: string) => network.connections(machine).length
  expect(['ann', 'ben', 'cid'].map(made)).toEqual([2, 2, 2])
})

test('who finds nobody in the room closes it', async () => {
  const { network, gather } = fakeWorld()
  await gather(['ann'])
  expect(network.connections()).toEqual([])
})

test('one that was made long ago, perhaps in another network, is not used', async () => {
  const { clock, network, begin, gather, signaling } = fakeWorld()
  await gather(['ann'])
  signaling.cut('ben')
  const joining = begin('ben', { timeoutMs: 60_000 })
  const [prepared] = network.connections('ben')
  await clock.advance(6_000)
  signaling.restore('ben')
  await clock.until(() =>
    network.connections('ben').some((each) => each.connectionState === 'connected'),
  )
  await joining
  expect(network.connections('ben')).not.toContain(prepared)
  expect(prepared?.signalingState).toBe('closed')
})

test('what the platform throws while one is prepared keeps nobody from the room', async () => {
  const { clock, network, begin } = fakeWorld()
  let closed = 0
  class Broken extends network.port('ben') {
    override createDataChannel(): RTCDataChannel {
      throw new TypeError('no channels here')
    }
    override close(): void {
      closed += 1
      super.close()
    }
  }
  const joining = begin('ben', { RTCPeerConnection: Broken })
  let status = ''
  void joining.then((room) => {
    status = room.status
  })
  await clock.until(() => status !== '')
  expect([status, closed]).toEqual(['connected', 1])
})
