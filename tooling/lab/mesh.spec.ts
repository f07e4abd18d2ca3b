import { expect, test } from './lab-test.ts'
import { range } from './tab.ts'

test('1,000 messages each way arrive once and in order', async ({ mesh }) => {
  const [ann, ben] = await mesh(2)
  if (!ann || !ben) throw new Error('expected two tabs')
  await Promise.all([ann.send(0, 1_000), ben.send(0, 1_000)])
  const [annView, benView] = [await ann.view(), await ben.view()]
  await expect.poll(() => ben.received(annView.self)).toEqual(range(0, 1_000))
  await expect.poll(() => ann.received(benView.self)).toEqual(range(0, 1_000))
})

test('three tabs form a full mesh and agree on host and term', async ({ mesh }) => {
  const tabs = await mesh(3)
  const views = await Promise.all(tabs.map((tab) => tab.view()))
  const [first] = views
  for (const view of views) {
    expect(view.host).toBe(first?.self)
    expect([view.term, view.epoch]).toEqual([1, first?.epoch])
    expect(new Set([view.self, ...view.openLinks])).toEqual(new Set(views.map((one) => one.self)))
  }
})

test('the first peer to join a room that was empty becomes host in a higher epoch', async ({
  mesh,
  tab,
}) => {
  const [ann] = await mesh(1)
  if (!ann) throw new Error('expected one tab')
  const before = await ann.view()
  await ann.page.evaluate(() => window.lab.leave())
  const newcomer = await (await tab()).view()
  expect(newcomer.host).toBe(newcomer.self)
  expect(newcomer.epoch).toBeGreaterThan(before.epoch)
})
