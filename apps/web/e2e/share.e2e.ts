import { expect, test } from './site-test.ts'

test('the link is shown as people read it, and copied so that it works everywhere', async ({
  visit,
  server,
}) => {
  const ann = await visit('Ann', {
    context: { permissions: ['clipboard-read', 'clipboard-write'] },
  })
  const room = '蓝门 with a room for 50% of us'
  await ann.enter(room)
  await ann.page.getByRole('button', { name: 'Share' }).click()
  const sheet = ann.page.getByRole('dialog', { name: 'Invite someone' })
  const link = sheet.getByRole('textbox')
  await expect(link).toBeFocused()
  await expect(link).toHaveValue(`${server.url}/#/r/${room}`)
  await expect(sheet.getByRole('img')).toBeVisible()
  const { keyboard } = ann.page
  await link.press('ControlOrMeta+c')
  await keyboard.press('Escape')
  // The page may write to the clipboard, but not read it: a person pastes.
  const message = ann.page.getByLabel('Message', { exact: true })
  await message.press('ControlOrMeta+v')
  await expect(message).toHaveValue(`${server.url}/#/r/${encodeURIComponent(room)}`)

  await message.fill('something else')
  await message.press('ControlOrMeta+a')
  await message.press('ControlOrMeta+x')
  await ann.page.getByRole('button', { name: 'Share' }).click()
  await sheet.getByRole('button', { name: 'Copy link' }).click()
  await expect(sheet.getByRole('status')).toHaveText('Link copied')
  await keyboard.press('Escape')
  await message.press('ControlOrMeta+v')
  await expect(message).toHaveValue(`${server.url}/#/r/${encodeURIComponent(room)}`)
})

test('on a device that has them, the link goes to the apps of the system', async ({
  visit,
  room,
  server,
}) => {
  const ann = await visit('Ann')
  await ann.page.addInitScript(() => {
    navigator.share = async (data) => {
      document.body.dataset.shared = data?.url
    }
  })
  await ann.enter(room)
  await ann.page.getByRole('button', { name: 'Share' }).click()
  await ann.page.getByRole('button', { name: 'Share with an app…' }).click()
  const body = ann.page.locator('body')
  await expect(body).toHaveAttribute('data-shared', `${server.url}/#/r/${room}`)
})

test('Escape, the button and a click beside it close the sheet, and the focus returns to Share', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann')
  await ann.enter(room)
  const { page } = ann
  const share = page.getByRole('button', { name: 'Share' })
  const sheet = page.getByRole('dialog')
  const waysOut = [
    () => page.keyboard.press('Escape'),
    () => page.getByRole('button', { name: 'Close' }).click(),
    () => page.mouse.click(20, 400),
  ]
  for (const close of waysOut) {
    await share.click()
    await expect(sheet).toBeVisible()
    await close()
    await expect(sheet).toBeHidden()
    await expect(share).toBeFocused()
  }
  // Selecting text may end beside the sheet.
  await share.click()
  const link = await sheet.getByRole('textbox').boundingBox()
  await page.mouse.move((link?.x ?? 0) + 20, (link?.y ?? 0) + 20)
  await page.mouse.down()
  await page.mouse.move(20, 400)
  await page.mouse.up()
  await expect(sheet).toBeVisible()
})
