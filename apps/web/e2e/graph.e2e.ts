import type { Page } from '@playwright/test'
import { boxesIn, framesOf, threadsIn, watchFrames } from './graph-probe.ts'
import { expect, test } from './site-test.ts'
import type { Visitor } from './visitor.ts'

/** Nothing may move while positions are measured. */
const calm = { reducedMotion: 'reduce' } as const

const people = [
  ['Ann', 'madder'],
  ['Fatima al-Zahra Mohammed', 'ochre'],
  ['陈小明', 'moss'],
  ['Maximilian Featherstone', 'plum'],
  ['فاطمة الزهراء', 'rose'],
  ['👩‍👩‍👧 family', 'slate'],
  ['Zoë', 'spruce'],
  ['Ben', 'indigo'],
] as const

/** Waits until the visitor is connected to all others. */
const expectLinks = ({ page }: Visitor, count: number) =>
  expect(page.locator('[data-peer-id][data-link="open"]')).toHaveCount(count)

/** Counted in the page, so that no wait outside is part of it. */
const framesWithin = async (page: Page, ms: number): Promise<number> => {
  const before = await framesOf(page)
  await page.evaluate((time) => new Promise((resolve) => setTimeout(resolve, time)), ms)
  return (await framesOf(page)) - before
}

for (const count of [4, 8]) {
  test(`an idle room of ${count} draws nothing in 20 s, although round trips change`, async ({
    visit,
    room,
  }) => {
    test.setTimeout(120_000)
    const all: Visitor[] = []
    for (const [name, colour] of people.slice(0, count)) {
      const visitor = await visit(name, { colour })
      await watchFrames(visitor.page)
      await visitor.enter(room)
      all.push(visitor)
    }
    const [ann, fatima] = all
    if (ann === undefined || fatima === undefined) throw new Error('nobody is there')
    await expectLinks(ann, all.length - 1)
    await expect(ann.person(fatima.name)).toContainText(/\d+ ms/)
    await expect.poll(() => framesWithin(ann.page, 1_000)).toBe(0)
    const before = await ann.person(fatima.name).textContent()
    // Each answer takes longer from now on.
    await fatima.page.locator('html').evaluate((html) => {
      html.dataset.delayMs = '150'
    })
    expect(await framesWithin(ann.page, 20_000)).toBe(0)
    await expect(ann.person(fatima.name)).not.toHaveText(before ?? '')
  })
}

test('in a room of eight, names are whole where they fit, nothing covers a name, and threads begin outside crown and names', async ({
  visit,
  room,
}) => {
  test.setTimeout(120_000)
  const all: Visitor[] = []
  for (const [name, colour] of people) {
    // As wide as the first size below: names fit although nobody resizes the window.
    const viewport = { width: 1440, height: 900 }
    const visitor = await visit(name, { colour, context: { ...calm, viewport } })
    await visitor.enter(room)
    all.push(visitor)
  }
  const [ann] = all
  if (ann === undefined) throw new Error('nobody is there')
  await expectLinks(ann, all.length - 1)
  const { page } = ann
  await expect(page.locator('.canvas text', { hasText: '👩‍👩‍👧' })).toHaveText('👩‍👩‍👧')
  for (const [width, height] of [
    [1440, 900],
    [360, 740],
    [740, 360],
  ] as const) {
    await page.setViewportSize({ width, height })
    const { canvas, labels, discs, crown } = await boxesIn(page)
    expect(labels).toHaveLength(people.length)
    for (const { box, isWhole, name } of labels) {
      // The wide one has room for every name.
      if (width === 1440) expect([name, isWhole]).toEqual([name, true])
      expect(box.top).toBeGreaterThanOrEqual(canvas.top)
      expect(box.bottom).toBeLessThanOrEqual(canvas.bottom)
      expect(box.left).toBeGreaterThanOrEqual(canvas.left - 1)
      expect(box.right).toBeLessThanOrEqual(canvas.right + 1)
      const near = [...labels.filter((other) => other.name !== name).map((other) => other.box)]
      const covered = [...near, ...discs, crown].filter(
        (other) =>
          other.left < box.right - 1 &&
          other.right > box.left + 1 &&
          other.top < box.bottom - 3 &&
          other.bottom > box.top + 3,
      )
      expect([name, covered]).toEqual([name, []])
    }
    const avoided = [crown, ...labels.map(({ box }) => box)]
    for (const { ends } of await threadsIn(page)) {
      const inside = ends.filter(({ x, y }) =>
        avoided.some(
          (box) => x > box.left && x < box.right && y > box.top + 3 && y < box.bottom - 3,
        ),
      )
      expect(inside).toEqual([])
    }
  }
})

test('the graph grows to 64 rem, and is never lower than 220 pixels', async ({ three: [ann] }) => {
  const { page } = ann
  await page.setViewportSize({ width: 2560, height: 1440 })
  const rem = await page.evaluate(() =>
    Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
  )
  const large = await page.locator('.canvas').boundingBox()
  expect(large?.width).toBeCloseTo(64 * rem, 0)
  await page.setViewportSize({ width: 740, height: 360 })
  const small = await page.locator('.canvas').boundingBox()
  expect(small?.height).toBeGreaterThanOrEqual(220)
  const event = await page.locator('.middle > p').boundingBox()
  expect(event?.y).toBeGreaterThanOrEqual((small?.y ?? 0) + (small?.height ?? 0))
})

test('the legend appears once there are two kinds of links', async ({ three, visit, room }) => {
  const [ann] = three
  const legend = ann.page.locator('.graph ul')
  await expect(ann.page.locator('.thread.direct')).toHaveCount(3)
  await expect(legend).toHaveCount(0)
  const dora = await visit('Dora')
  // Her browser never answers, so the links to her stay connecting.
  await dora.page.addInitScript(() => {
    RTCPeerConnection.prototype.setRemoteDescription = () => new Promise(() => undefined)
  })
  await dora.enter(room)
  await expect(legend.getByRole('listitem')).toHaveText(['direct', 'connecting'])
})

test('the threads of someone who is lost are neither full nor green', async ({ three }) => {
  const [ann, ben] = three
  await expect(ben.page.locator('.thread.direct')).toHaveCount(3)
  const colours = (selector: string) =>
    ben.page
      .locator(`${selector} path`)
      .evaluateAll((paths) => paths.map((path) => getComputedStyle(path).stroke))
  const green = await colours('.thread.direct')
  const devtools = await ann.page.context().newCDPSession(ann.page)
  // This never resolves: the renderer that would reply has crashed.
  void devtools.send('Page.crash').catch(() => undefined)
  await expect(ben.person('Ann')).toHaveAttribute('data-online', 'false')
  await expect(ben.page.locator('.thread.away')).toHaveCount(2)
  // One plain line each, not two strands.
  await expect(ben.page.locator('.thread.away path')).toHaveCount(2)
  const away = ben.page.locator('.thread.away path').first()
  await expect(away).not.toHaveCSS('stroke-dasharray', 'none')
  await expect
    .poll(async () => green.includes((await colours('.thread.away'))[0] ?? ''))
    .toBe(false)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`threads have a contrast of 3:1, also those between others (${colorScheme})`, async ({
    three: [ann],
  }) => {
    await ann.page.emulateMedia({ colorScheme, ...calm })
    await expect(ann.page.locator('.thread.others.direct')).toHaveCount(1)
    for (const { contrast } of await threadsIn(ann.page)) {
      expect(contrast).toBeGreaterThanOrEqual(3)
    }
  })
}
