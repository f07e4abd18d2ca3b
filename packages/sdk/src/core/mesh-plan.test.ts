import { peerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { type MeshPlanInput, meshPlan } from './mesh-plan.ts'

const [a, b, c] = ['a', 'b', 'c'].map(peerId) as [
  ReturnType<typeof peerId>,
  ReturnType<typeof peerId>,
  ReturnType<typeof peerId>,
]
const link = (peer: typeof a, { isOpen = true, isWantedThere = true } = {}) => ({
  peer,
  isOpen,
  isWantedThere,
})
const star: MeshPlanInput = { topology: 'star', self: b, host: a, peers: [a, c], links: [] }

test('a mesh has a link to everyone', () => {
  const plan = meshPlan({ ...star, topology: 'mesh', links: [link(a)] })
  expect(plan).toEqual({ wanted: [a, c], open: [c], close: [] })
})

test('a link to one who has left is closed, wanted or not', () => {
  expect(meshPlan({ ...star, peers: [c], links: [link(a)] }).close).toEqual([a])
})

test('in a star only the host is called', () => {
  expect(meshPlan(star)).toEqual({ wanted: [a], open: [a], close: [] })
})

test('the host of a star calls everyone', () => {
  expect(meshPlan({ ...star, host: b }).open).toEqual([a, c])
})

test('the link to the old host stays until that to the new one is open', () => {
  const links = [link(a, { isWantedThere: false }), link(c, { isOpen: false })]
  expect(meshPlan({ ...star, host: c, links }).close).toEqual([])
  const open = [link(a, { isWantedThere: false }), link(c)]
  expect(meshPlan({ ...star, host: c, links: open }).close).toEqual([a])
})

test('a link that the other end needs stays', () => {
  expect(meshPlan({ ...star, host: c, links: [link(a), link(c)] })).toEqual({
    wanted: [c],
    open: [],
    close: [],
  })
})

test('without a host the links that exist stay', () => {
  const links = [link(a, { isWantedThere: false })]
  expect(meshPlan({ ...star, host: null, links })).toEqual({ wanted: [a], open: [], close: [] })
})
