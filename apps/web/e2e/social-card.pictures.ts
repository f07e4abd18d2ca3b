import { fileURLToPath } from 'node:url'
import { expect, test } from './site-test.ts'

const file = fileURLToPath(new URL('../public/social-card.png', import.meta.url))

/** Without what is not for a picture of this size; stronger than the rules of components. */
const style = `
  header > :not(.brand), form, nav, .lead, .hero ~ *, footer { display: none !important }
  .page { padding-inline: 5rem !important }
  .hero { padding-top: 3rem !important }
  h1 { max-width: 10.5em !important; font-size: 3.5rem !important }
  .flock { top: 0 !important; right: -2rem !important; width: 38rem !important }
`

test('the card that messengers show of a link', async ({ browser, server }) => {
  const context = await browser.newContext({
    baseURL: server.url,
    viewport: { width: 1_200, height: 630 },
    reducedMotion: 'reduce',
    colorScheme: 'light',
  })
  const page = await context.newPage()
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.addStyleTag({ content: style })
  await page.screenshot({ path: file })
  await context.close()
})
