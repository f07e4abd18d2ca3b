import { peerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { linkPlan, type Plan } from './mesh-plan.ts'

const [a, b, c] = [peerId('a'), peerId('b'), peerId('c')]
const star: Plan = { topology: 'star', self: b, host: a, isHostLinked: false }

/** Whom b needs a link to, of a and c, where there are links to some of them. */
const wanted = (plan: Plan, linked: readonly (typeof a)[] = []) => {
  const isWanted = linkPlan(plan)
  return [a, c].filter((peer) => isWanted(peer, linked.includes(peer)))
}

test('a mesh has a link to everyone', () => {
  expect(wanted({ ...star, topology: 'mesh' }, [a])).toEqual([a, c])
})

test('in a star only the host is called', () => {
  expect(wanted(star)).toEqual([a])
})

test('the host of a star calls everyone', () => {
  expect(wanted({ ...star, host: b })).toEqual([a, c])
})

test('the link to the old host stays until that to the new one is open', () => {
  expect(wanted({ ...star, host: c }, [a, c])).toEqual([a, c])
  expect(wanted({ ...star, host: c, isHostLinked: true }, [a, c])).toEqual([c])
})

test('without a host the links that exist stay', () => {
  expect(wanted({ ...star, host: null }, [a])).toEqual([a])
})
