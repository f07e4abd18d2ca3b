import { peerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { kickToken } from '../testing/fake-signaling.ts'
import { fakeWorld } from './fake-world.testing.ts'

/** Ann may kick, Ben and Cid may not. */
const joinThree = async () => {
  const world = fakeWorld()
  const [ann, ben, cid] = await world.gather(['ann', 'ben', 'cid'], {
    token: () => (world.signaling.room('blue-door') ? 'guest' : kickToken),
  })
  if (!ann || !ben || !cid) throw new Error('not all joined')
  return { ...world, ann, ben, cid }
}

test('a kicked peer leaves with the reason, and the others get a peerleave event', async () => {
  const { clock, ann, ben, cid } = await joinThree()
  const left: string[] = []
  cid.on('peerleave', ({ peer, reason }) => left.push(`${peer.id === ben.self.id} ${reason}`))
  const kicked = ann.kick(ben.self.id, { reason: 'spam' })
  await clock.until(() => ben.status === 'closed' && left.length > 0 && ann.peers.size === 1)
  await kicked
  expect(left).toEqual(['true kicked'])
  expect(await ben.closed).toMatchObject({ code: 'closed', message: 'spam' })
  expect([ann.peers.size, cid.peers.size]).toEqual([1, 1])
  await clock.advance(60_000)
  expect([ann.peers.size, ben.status]).toEqual([1, 'closed'])
})

test('a kick without the right is rejected, and the room is unchanged', async () => {
  const { clock, ann, ben, cid } = await joinThree()
  const kicked = Promise.allSettled([ben.kick(cid.self.id)])
  await clock.advance(1_000)
  expect(await kicked).toMatchObject([{ reason: { code: 'unauthorized' } }])
  expect([ann.peers.size, cid.status]).toEqual([2, 'connected'])
})

test('a kick of an unknown peer or of oneself, or in a closed room, rejects at once', async () => {
  const { ann } = await joinThree()
  for (const id of [peerId('unknown'), ann.self.id]) {
    await expect(ann.kick(id)).rejects.toMatchObject({ code: 'peer-not-found' })
  }
  await ann.leave()
  await expect(ann.kick(peerId('unknown'))).rejects.toMatchObject({ code: 'closed' })
})

test('a pending kick rejects on timeout, abort and leaving', async () => {
  const { clock, signaling, ann, ben, cid } = await joinThree()
  signaling.cut('ann')
  const settled = Promise.allSettled([
    ann.kick(ben.self.id, { timeoutMs: 500 }),
    ann.kick(cid.self.id, { signal: AbortSignal.abort() }),
    ann.kick(cid.self.id),
  ])
  await clock.advance(600)
  await ann.leave()
  await clock.settle()
  expect(await settled).toMatchObject([
    { reason: { code: 'timeout' } },
    { reason: { code: 'aborted' } },
    { reason: { code: 'closed' } },
  ])
})
