import { findBrowser } from '@skein/browser'
import { expect, test } from './site-test.ts'

/** A name that is not loopback to the browser, as the address of a laptop is to a phone. */
const name = 'laptop.test'
const browser = findBrowser()

test.use({
  launchOptions: {
    ...browser,
    args: [...(browser?.args ?? []), `--host-resolver-rules=MAP ${name} 127.0.0.1`],
  },
})

test('on plain http in the local network, people chat both ways and can share the link', async ({
  visit,
  room,
  server,
}) => {
  const context = { baseURL: server.url.replace('127.0.0.1', name) }
  const [ann, ben] = [await visit('Ann', { context }), await visit('Ben', { context })]
  const errors: string[] = []
  for (const { page } of [ann, ben]) page.on('pageerror', ({ message }) => errors.push(message))
  await ann.enter(room)
  await ben.enter(room)
  expect(await ann.page.evaluate(() => isSecureContext)).toBe(false)
  await ann.waitForLinks([ben])
  await ann.send('Good morning')
  await expect(ben.message('Good morning')).toBeVisible()
  await ben.send('To you too')
  await expect(ann.message('To you too')).toBeVisible()
  await ann.page.getByRole('button', { name: 'Share' }).click()
  const link = ann.page.getByRole('dialog').getByRole('textbox')
  await expect(link).toHaveValue(`${context.baseURL}/#/r/${room}`)
  // There is no clipboard API here.
  await ann.page.getByRole('button', { name: 'Copy link' }).click()
  await expect(ann.page.getByRole('dialog')).toContainText('Link copied')
  expect(errors).toEqual([])
})
