import { expect, test } from 'vitest'
import { fakeWorld } from './fake-world.testing.ts'

test('the offer is created before the server answers the join', async () => {
  const { clock, network, begin, signaling } = fakeWorld()
  signaling.cut('ben')
  const joining = Promise.allSettled([begin('ben', { timeoutMs: 3_000 })])
  await clock.settle()
  const [preCreated] = network.connections('ben')
  await clock.advance(1_000)
  expect(preCreated?.signalingState).toBe('have-local-offer')
  expect(preCreated?.channels.map(({ label }) => label)).toEqual(['skein-control', 'skein'])
  await clock.advance(2_001)
  expect(await joining).toMatchObject([{ status: 'rejected' }])
  expect(network.connections('ben')).toEqual([])
})

test('a peer that joins uses its pre-created offer', async () => {
  const { clock, network, begin, gather } = fakeWorld()
  await gather(['ann'])
  const joining = begin('ben')
  await clock.settle()
  const [preCreated] = network.connections('ben')
  await clock.until(() => preCreated?.connectionState === 'connected')
  await joining
  expect(network.connections('ben')).toEqual([preCreated])
  expect(network.connections('ann')).toEqual([preCreated?.remote])
})

test('of three peers, the last uses its pre-created offer once, and has one connection to each', async () => {
  const { network, gather } = fakeWorld()
  await gather(['ann', 'ben', 'cid'])
  const countConnections = (machine: string) => network.connections(machine).length
  expect(['ann', 'ben', 'cid'].map(countConnections)).toEqual([2, 2, 2])
})

test('in an empty room the pre-created offer is closed', async () => {
  const { network, gather } = fakeWorld()
  await gather(['ann'])
  expect(network.connections()).toEqual([])
})

test('a pre-created offer that is too old, perhaps of another network, is not used', async () => {
  const { clock, network, begin, gather, signaling } = fakeWorld()
  await gather(['ann'])
  signaling.cut('ben')
  const joining = begin('ben', { timeoutMs: 60_000 })
  await clock.settle()
  const [preCreated] = network.connections('ben')
  await clock.advance(6_000)
  signaling.restore('ben')
  await clock.until(() =>
    network.connections('ben').some((each) => each.connectionState === 'connected'),
  )
  await joining
  expect(network.connections('ben')).not.toContain(preCreated)
  expect(preCreated?.signalingState).toBe('closed')
})

test('an exception of the platform while the offer is created does not prevent joining', async () => {
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
