import type { Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { preview } from 'vite'
import { test as base, expect } from './site-test.ts'

/** A static host that serves the site from a folder and passes the server's routes on. */
const test = base.extend<{ readonly folder: string }>({
  folder: async ({ server }, use) => {
    const proxied = { target: server.url, ws: true, rewrite: (path: string) => path.slice(6) }
    const host = await preview({
      configFile: false,
      root: fileURLToPath(new URL('..', import.meta.url)),
      base: '/party/',
      logLevel: 'silent',
      preview: {
        host: '127.0.0.1',
        port: 0,
        proxy: { '/party/ws': proxied, '/party/leave': proxied },
      },
    })
    await use(`http://127.0.0.1:${portOf(host.httpServer)}/party/`)
    await host.close()
  },
  baseURL: ({ folder }, use) => use(folder),
})

function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

test('the site works in a folder: people meet, chat, and the link to share leads back', async ({
  visit,
  folder,
  room,
}) => {
  const ann = await visit('Ann', { context: { baseURL: folder } })
  const problems: string[] = []
  ann.page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text())
  })
  await ann.page.goto(folder)
  await expect(ann.page.getByLabel('Room name')).toBeVisible()
  const icon = ann.page.locator('link[rel=icon]')
  expect(await icon.evaluate((link: HTMLLinkElement) => link.href)).toBe(`${folder}favicon.svg`)
  await ann.page.goto(`${folder}#/r/${room}`)
  await expect(ann.screen).toHaveAttribute('data-status', 'connected')

  await ann.page.getByRole('button', { name: 'Share' }).click()
  const link = ann.page.getByRole('dialog').getByRole('textbox')
  await expect(link).toHaveValue(`${folder}#/r/${room}`)
  const shared = await link.inputValue()
  await ann.page.keyboard.press('Escape')

  const ben = await visit('Ben')
  await ben.page.goto(shared)
  await ben.waitForLinks([ann])
  await ann.send('Good morning')
  await expect(ben.message('Good morning')).toBeVisible()
  expect(problems).toEqual([])
})
