import { expect, test } from 'vitest'
import { labelsIn, obstacleOf } from './graph-labels.ts'
import { layOut, type Space } from './graph-layout.ts'

const lineHeight = 20
const laptop = { width: 720, height: 640 }
const phone = { width: 336, height: 240 }

function sceneOf(space: Space, widths: readonly number[]) {
  const peers = widths.map((wanted, index) => {
    return { id: String(index), isHost: index === 0, isSelf: index === 0, wanted }
  })
  const ids = peers.map(({ id }) => id)
  const longest = Math.max(...widths)
  const layout = layOut({ ids, self: '0', space, lineHeight, longest })
  return { layout, space, lineHeight, peers }
}

const boxesOf = (scene: ReturnType<typeof sceneOf>) => {
  const labels = labelsIn(scene)
  return scene.peers.flatMap(({ id }) => {
    const [at, label] = [scene.layout.places[id], labels[id]]
    if (at === undefined || label === undefined) return []
    return [{ id, x: at.x, y: at.y + label.y, width: label.width }]
  })
}

test('with room for it, a long name is shown in full whatever the number of people', () => {
  const widths = [40, 130, 40, 130, 40, 130, 40, 130]
  expect(boxesOf(sceneOf(laptop, widths)).map(({ width }) => width)).toEqual(widths)
})

test('what a short name leaves, a long one beside it gets', () => {
  const { layout, ...scene } = sceneOf(laptop, [40, 40, 260])
  const places = { '0': { x: 0, y: 200 }, '1': { x: -70, y: 0 }, '2': { x: 70, y: 0 } }
  const labels = labelsIn({ ...scene, layout: { ...layout, places } })
  expect(labels['1']?.width).toBe(40)
  expect(labels['2']?.width).toBeGreaterThan(200)
  expect(labels['2']?.width).toBeLessThan(260)
})

for (const [name, space] of Object.entries({ laptop, phone })) {
  for (const count of [2, 3, 8, 16]) {
    test(`${count} long names on a ${name} stay inside the graph and touch no disc and no other name`, () => {
      const scene = sceneOf(space, new Array(count).fill(240))
      const boxes = boxesOf(scene)
      for (const box of boxes) {
        expect(Math.abs(box.x) + box.width / 2).toBeLessThanOrEqual(space.width / 2 + 0.01)
        expect(Math.abs(box.y) + lineHeight / 2).toBeLessThanOrEqual(space.height / 2 + 0.01)
        const { radius } = scene.layout
        const discs = Object.entries(scene.layout.places).map(([id, at]) => ({ id, ...at }))
        const others = [
          ...boxes.map((one) => ({ ...one, half: { x: one.width / 2, y: lineHeight / 2 } })),
          ...discs.map((one) => ({ ...one, half: { x: radius, y: radius } })),
        ].filter(({ id }) => id !== box.id)
        const touching = others.filter(
          ({ x, y, half }) =>
            Math.abs(x - box.x) < half.x + box.width / 2 &&
            Math.abs(y - box.y) < half.y + lineHeight / 2,
        )
        expect(touching).toEqual([])
      }
    })
  }
}

test('threads keep clear of the disc, the label, and the crown of a host', () => {
  const scene = sceneOf(laptop, [60, 60])
  const labels = labelsIn(scene)
  const [host, guest] = scene.peers.map((peer) =>
    obstacleOf(peer, { ...scene, label: labels[peer.id] }),
  )
  expect(host?.boxes).toHaveLength(2)
  expect(guest?.boxes).toHaveLength(1)
  expect(guest?.radius).toBeGreaterThan(scene.layout.radius)
})
