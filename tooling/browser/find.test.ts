import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'
import { afterEach, expect, test, vi } from 'vitest'
import { findBrowser } from './find.ts'

afterEach(() => vi.unstubAllEnvs())

test('the browser that is found starts', () => {
  const browser = findBrowser()
  if (!browser) throw new Error('ensure.ts comes before this test')
  const { executablePath, env } = browser
  const { status, stdout } = spawnSync(executablePath, ['--version'], { env, encoding: 'utf8' })
  expect(status).toBe(0)
  expect(stdout).toMatch(/Chrom/)
})

// A Chromium without any font starts, shows text, and ends at the first field of a form.
test('the browser that is found shows a form', async () => {
  const browser = await chromium.launch(findBrowser())
  const page = await browser.newPage()
  await page.setContent('<input aria-label="Name" value="Ann">')
  expect(await page.getByLabel('Name').inputValue()).toBe('Ann')
  await browser.close()
})

test('a CHROMIUM_PATH that names no file is refused in a sentence', () => {
  vi.stubEnv('CHROMIUM_PATH', '/no/such/browser')
  expect(() => findBrowser()).toThrow('CHROMIUM_PATH names no file: /no/such/browser')
})

test('a CHROMIUM_PATH that does not start is refused in a sentence', () => {
  vi.stubEnv('CHROMIUM_PATH', fileURLToPath(import.meta.url))
  expect(() => findBrowser()).toThrow(/^CHROMIUM_PATH names a file that does not start: /)
})

test('the command ends with one sentence and exit code 1 when CHROMIUM_PATH is wrong', () => {
  const ensure = fileURLToPath(new URL('ensure.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [ensure], {
    env: { ...process.env, CHROMIUM_PATH: '/no/such/browser' },
    encoding: 'utf8',
  })
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: 'CHROMIUM_PATH names no file: /no/such/browser\n',
  })
})
