import type { Page } from '@playwright/test'
import { expect, test } from './site-test.ts'

/** What the focus is on, as a screen reader says it: never nothing. */
const expectFocus = async (page: Page, on: { role: string; name: string | RegExp }) => {
  const focused = page.locator(':focus')
  await expect(focused).not.toHaveJSProperty('tagName', 'BODY')
  await expect(focused).toHaveAccessibleName(on.name)
  await expect(focused).toHaveRole(on.role as 'button')
}

async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press('Tab')
    const focused = page.locator(':focus')
    const matches = focused.and(page.getByLabel(name, { exact: true }).or(page.getByText(name)))
    const isButton = focused.and(page.getByRole('button', { name, exact: true }))
    if ((await matches.or(isButton).count()) > 0) return
  }
  throw new Error(`Tab did not reach ${name}.`)
}

test('with the keyboard alone one enters, writes, gives the crown and leaves, and the focus is never lost', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann')
  const ben = await visit('Ben')
  const { page } = ann
  const { keyboard } = page
  await page.goto('/')
  await tabTo(page, 'Room name')
  await keyboard.press('ControlOrMeta+a')
  await keyboard.type(room)
  await keyboard.press('Enter')
  await expect(ann.screen).toHaveAttribute('data-status', 'connected')
  await expectFocus(page, { role: 'textbox', name: 'Message' })
  await ben.enter(room)
  await ann.waitForLinks([ben])

  await keyboard.type('Good morning')
  await keyboard.press('Enter')
  await expect(ben.message('Good morning')).toBeVisible()
  await expectFocus(page, { role: 'textbox', name: 'Message' })

  // The first stop of the page leads past everything else.
  await page.getByRole('link', { name: 'Skein home' }).focus()
  await keyboard.press('Shift+Tab')
  await expectFocus(page, { role: 'button', name: 'Skip to content' })
  await keyboard.press('Enter')
  await expectFocus(page, { role: 'textbox', name: 'Message' })

  await ann.person('Ben').getByRole('button').focus()
  await expectFocus(page, { role: 'button', name: /^Ben/ })
  await keyboard.press('Enter')
  await expectFocus(page, { role: 'button', name: 'Give the crown…' })
  await keyboard.press('Enter')
  await expect(page.locator(':focus')).toHaveText(/^Ben becomes the host/)
  await keyboard.press('Tab')
  await expectFocus(page, { role: 'button', name: 'Give the crown' })
  await keyboard.press('Enter')
  await expect(ann.person('Ben')).toHaveAttribute('data-host', 'true')
  await expectFocus(page, { role: 'button', name: /^Ben/ })

  await page.getByRole('button', { name: 'Menu' }).focus()
  await keyboard.press('Enter')
  await expectFocus(page, { role: 'menuitemcheckbox', name: 'I can host' })
  await keyboard.press('Escape')
  await expectFocus(page, { role: 'button', name: 'Menu' })
  await keyboard.press('Enter')
  await keyboard.press('ArrowUp')
  await expectFocus(page, { role: 'menuitem', name: 'Leave room' })
  await keyboard.press('Enter')
  await expect(page.getByLabel('Room name')).toBeVisible()
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
})

test('on a phone the room has the focus first, and arrow keys change the view', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann', { context: { viewport: { width: 360, height: 740 } } })
  await ann.enter(room)
  const { page } = ann
  await expect(page.getByRole('heading', { level: 1, name: room })).toBeFocused()
  await page.getByRole('tab', { name: 'Room' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('tab', { name: 'Chat' })).toBeFocused()
  await expect(page.getByRole('tabpanel', { name: 'Chat' })).toBeVisible()
  await expect(page.getByRole('tabpanel', { name: 'Room' })).toBeHidden()
})

test('a screen reader is told who is there, who hosts, how one is connected, and what can be done', async ({
  three: [ann, ben],
}) => {
  await ben.setCanHost(false)
  await expect(ann.person('Ben')).toContainText('cannot host')
  await expect(ann.page.getByRole('banner')).toMatchAriaSnapshot(`
    - banner:
      - link "Skein home":
        - /url: "#/"
      - heading /room-/ [level=1]
      - status: Connected
      - button "Share"
      - button "Menu"
  `)
  await expect(ann.page.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - complementary:
        - region "People":
          - heading "People" [level=2]
          - list:
            - listitem:
              - button "Ann you Host"
            - listitem:
              - button /Ben cannot host direct/
            - listitem:
              - button /Cleo direct/
      - img "Connection graph"
      - button "Ann"
      - button "Ben"
      - button "Cleo"
      - separator "Width of the desk"
      - region "Chat"
  `)
})
