import { expect, test } from './site-test.ts'
import { expectActive, type Visitor } from './visitor.ts'

const tall = (name: string) =>
  [name, ...Array.from({ length: 11 }, (_, line) => `line ${line + 2}`)].join('\n')

/** Whether the message is wholly within the part of the log that can be seen. */
const isInView = ({ page }: Visitor, text: string) =>
  page.evaluate((wanted) => {
    const log = document.querySelector('[role="log"]')?.getBoundingClientRect()
    const message = [...document.querySelectorAll('.message .text')]
      .find((each) => each.textContent?.includes(wanted))
      ?.getBoundingClientRect()
    if (!log || !message) return false
    return message.top >= log.top - 1 && message.bottom <= log.bottom + 1
  }, text)

const pair = async (visit: (name: string) => Promise<Visitor>, room: string) => {
  const [ann, ben] = [await visit('Ann'), await visit('Ben')]
  await ann.enter(room)
  await ben.enter(room)
  await ann.waitForLinks([ben])
  return [ann, ben] as const
}

test('after a burst of 36 messages of twelve lines the last is in view, here and there', async ({
  visit,
  room,
}) => {
  const [ann, ben] = await pair(visit, room)
  for (let index = 1; index <= 36; index += 1) await ann.send(tall(`Message ${index}.`))
  for (const visitor of [ann, ben]) {
    await expect.poll(() => isInView(visitor, 'Message 36.')).toBe(true)
  }
})

test('whoever has scrolled up stays there, sees how much is new, and is at the end after sending', async ({
  visit,
  room,
}) => {
  const [ann, ben] = await pair(visit, room)
  for (let index = 1; index <= 6; index += 1) await ben.send(tall(`Message ${index}.`))
  await expect.poll(() => isInView(ann, 'Message 6.')).toBe(true)
  await ann.page.getByRole('log').hover()
  await ann.page.mouse.wheel(0, -5_000)
  await expect.poll(() => isInView(ann, 'Message 1.')).toBe(true)
  for (let index = 7; index <= 9; index += 1) await ben.send(tall(`Message ${index}.`))
  const pill = ann.page.getByRole('button', { name: '3 new' })
  await expect(pill).toBeVisible()
  await expect(ann.page).toHaveTitle(/^\(3\)/)
  expect(await isInView(ann, 'Message 1.')).toBe(true)
  // Firefox gives keys to the page in front alone.
  await ann.page.bringToFront()
  await pill.press('Enter')
  await expect.poll(() => isInView(ann, 'Message 9.')).toBe(true)
  await expect(pill).toHaveCount(0)
  await expectActive(ann.page.getByRole('log'))
  await expect(ann.page).toHaveTitle(/^[^(]/)
  await expect(ann.page.locator('[data-unread-line]')).toContainText('New since')

  await ann.page.getByRole('log').hover()
  await ann.page.mouse.wheel(0, -5_000)
  await expect(ann.page.getByRole('button', { name: 'Go to the latest message' })).toBeVisible()
  await ann.send(tall('An answer.'))
  await expect.poll(() => isInView(ann, 'An answer.')).toBe(true)
  await expect(ann.page.locator('[data-unread-line]')).toHaveCount(0)
})

test('a window that changes its size, and a draft that grows, keep the end in view', async ({
  visit,
  room,
}) => {
  const [ann] = await pair(visit, room)
  for (let index = 1; index <= 4; index += 1) await ann.send(tall(`Message ${index}.`))
  await ann.page.setViewportSize({ width: 900, height: 500 })
  const atEnd = () =>
    ann.page
      .getByRole('log')
      .evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 8)
  await expect.poll(atEnd).toBe(true)
  await ann.page.getByLabel('Message', { exact: true }).fill('a\nb\nc\nd\ne')
  await expect.poll(atEnd).toBe(true)
})

test('the chat opens at the first unread message, not behind it', async ({ visit, room }) => {
  const ann = await visit('Ann', { context: { viewport: { width: 360, height: 740 } } })
  const ben = await visit('Ben')
  await ann.enter(room)
  await ben.enter(room)
  await ben.waitForLinks([ann])
  for (let index = 1; index <= 12; index += 1) await ben.send(tall(`Message ${index}.`))
  await expect(ann.page).toHaveTitle(/^\(12\)/)
  await ann.page.getByRole('tab', { name: /Chat/ }).click()
  await expect(ann.page.locator('[data-unread-line]')).toBeInViewport()
  expect(await isInView(ann, 'Message 1.')).toBe(true)
  await ann.page.getByRole('button', { name: 'Go to the latest message' }).click()
  await expect.poll(() => isInView(ann, 'Message 12.')).toBe(true)
})
